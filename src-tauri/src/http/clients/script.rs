//! A client script as an answer that is saved as a file.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::client::{Client, Language};
use super::{curl, python};

/// The script for `client`, to be saved as a file.
pub(super) fn script(client: &Client, language: Language) -> Response {
    let (text, media, ending) = match language {
        Language::Python => (python::script(client), "text/x-python; charset=utf-8", "py"),
        Language::Curl => (curl::script(client), "text/x-shellscript; charset=utf-8", "sh"),
    };
    let head = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-client.{ending}\"", client.name)),
    ];
    (head, text).into_response()
}
