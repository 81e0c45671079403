//! Models and their versions: reading, registering and deleting them.

use domain::id::{ModelName, ModelRef, ModelVersion};
use domain::wire::{ModelVersionView, ModelView, RegisterModel};
use futures_channel::oneshot;
use serde::Deserialize;
use serde::de::IgnoredAny;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::ArrayBuffer;
use web_sys::{File, FormData, ProgressEvent, Response, XmlHttpRequest};

use super::{Failure, base, random_key, refused, shown};

/// As much of a model as a line about it says. What is more than that, with its signatures, is a heavy thing to read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct ModelInBrief {
    /// The model.
    pub(crate) name: ModelName,
    /// Its versions, newest first.
    pub(crate) versions: Vec<VersionInBrief>,
}

/// One version of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct VersionInBrief {
    /// Its number.
    pub(crate) version: ModelVersion,
    /// As many deployments use it.
    in_use_by: Vec<IgnoredAny>,
    /// As many could go back to it.
    #[serde(default)]
    restorable_by: Vec<IgnoredAny>,
}

impl VersionInBrief {
    /// True when no deployment needs it.
    pub(crate) fn is_free(&self) -> bool {
        self.in_use_by.is_empty() && self.restorable_by.is_empty()
    }
}

/// Every model, in brief.
pub(crate) async fn in_brief() -> Result<Vec<ModelInBrief>, Failure> {
    super::all(ALL).await
}

const ALL: &str = "/models?limit=1000";

/// Every model with its versions.
pub(crate) async fn list() -> Result<Vec<ModelView>, Failure> {
    super::all(ALL).await
}

/// One version with its signature.
pub(crate) async fn version(model: &ModelRef) -> Result<ModelVersionView, Failure> {
    super::get(&format!("/models/{}/versions/{}", model.name, model.version)).await
}

/// One model with its versions, newest first.
pub(crate) async fn read(name: &ModelName) -> Result<ModelView, Failure> {
    super::get(&format!("/models/{name}")).await
}

/// The address of the file of a version.
pub(crate) fn artifact(model: &ModelRef) -> String {
    format!("{}/models/{}/versions/{}/artifact", base(), model.name, model.version)
}

/// A ready script that calls the model, in `python` or `curl`.
pub(crate) async fn client(model: &ModelRef, language: &str) -> Result<String, Failure> {
    super::text(&format!("/models/{}/versions/{}/client?language={language}", model.name, model.version)).await
}

/// Removes a version; its number is not used again.
pub(crate) async fn delete(model: &ModelRef) -> Result<(), Failure> {
    super::delete(&format!("/models/{}/versions/{}", model.name, model.version)).await
}

/// Registers a package that runs elsewhere: there is no file to send.
pub(crate) async fn register_external(meta: &RegisterModel) -> Result<ModelVersionView, Failure> {
    super::post("/models", meta).await
}

/// Sends a file as a new version. `progress` is told the share that has arrived, 0 to 1.
///
/// It goes through `XMLHttpRequest`, because `fetch` does not tell how much of a request was sent.
pub(crate) async fn register(
    file: &File,
    meta: &RegisterModel,
    progress: impl Fn(f64) + 'static,
) -> Result<ModelVersionView, Failure> {
    let broken = |_| Failure::Unreadable("the browser could not send the file".to_owned());
    let form = FormData::new().map_err(broken)?;
    let meta = serde_json::to_string(meta).map_err(|error| Failure::Unreadable(error.to_string()))?;
    form.append_with_str("meta", &meta).map_err(broken)?;
    form.append_with_blob_and_filename("file", file, &file.name()).map_err(broken)?;

    let request = XmlHttpRequest::new().map_err(broken)?;
    request.open("POST", &format!("{}/models", base())).map_err(broken)?;
    request.set_request_header("idempotency-key", &random_key()).map_err(broken)?;
    let tell = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(if event.total() > 0.0 { event.loaded() / event.total() } else { 0.0 });
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(tell.as_ref().unchecked_ref()));
    }
    let (done, ended) = oneshot::channel::<()>();
    let end = Closure::once(move || {
        let _ = done.send(());
    });
    request.set_onloadend(Some(end.as_ref().unchecked_ref()));
    if super::in_window() {
        let (whole, kind) = in_one_piece(&form).await.map_err(broken)?;
        request.set_request_header("content-type", &kind).map_err(broken)?;
        request.send_with_opt_buffer_source(Some(&whole)).map_err(broken)?;
    } else {
        request.send_with_opt_form_data(Some(&form)).map_err(broken)?;
    }
    let _ = ended.await;

    let status = request.status().unwrap_or(0);
    let text = shown(&request.response_text().ok().flatten().unwrap_or_default());
    match status {
        0 => Err(Failure::Unreachable),
        200..=299 => super::read(text),
        _ => Err(refused(status, &text)),
    }
}

/// The form as it travels, and its type. Of a form that refers to a file the window's scheme passes only the beginning.
async fn in_one_piece(form: &FormData) -> Result<(ArrayBuffer, String), JsValue> {
    let written = Response::new_with_opt_form_data(Some(form))?;
    let kind = written.headers().get("content-type")?.unwrap_or_default();
    let whole = JsFuture::from(written.array_buffer()?).await?;
    Ok((whole.unchecked_into(), kind))
}
