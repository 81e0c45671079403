//! How requests are read: path, query, body and headers, each refused by name when it is wrong.

mod body;
mod if_match;
pub(super) mod json;
mod once;
mod path;
mod query;

pub(super) use body::{Sent, WithoutBody, is_json};
pub(super) use if_match::IfMatch;
pub(super) use once::Once;
pub(super) use path::At;
pub(super) use query::{Asked, Many, WithoutQuery, limit, page, wrong_cursor};
