//! The readers of requests: path, query, body and headers, each refused by name when it is wrong.

mod body;
mod caller;
mod if_match;
pub(super) mod json;
pub(super) mod key;
mod path;
mod query;

pub(super) use body::{JsonBody, WithoutBody, is_json};
pub(super) use if_match::IfMatch;
pub(super) use path::PathParams;
pub(super) use query::{Many, QueryParams, WithoutQuery, limit};
