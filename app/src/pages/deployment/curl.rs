//! A ready command that calls the deployment, made from the model's signature.

use domain::model::{Dimension, Field, Signature, ValueKind};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::Subject;
use crate::api;
use crate::components::CopyButton;
use crate::state::Query;

/// Values that a command can hold and still be read.
const MOST_VALUES: u64 = 256;

/// The command, folded away until somebody wants it.
#[component]
pub(crate) fn CurlLine() -> impl IntoView {
    let Subject { view, .. } = expect_context();
    let model = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| view.models.first().cloned())));
    let version = Query::new(move || {
        let model = model.get_untracked();
        async move {
            match model {
                Some(model) => api::models::version(&model).await.map(Some),
                None => Ok(None),
            }
        }
    });
    Effect::new(move |_| {
        model.track();
        version.ask();
    });
    let command = Memo::new(move |_| {
        let url = view.with(|view| view.as_ref().map(|view| view.url.clone()))?;
        let version = version.value()?;
        let version = version.as_ref().as_ref()?;
        command(&url, version.model.name.as_str(), &version.model.signature)
    });
    move || {
        command.get().map(|command| {
            view! {
                <details class="curl">
                    <summary>"Call it with curl"</summary>
                    <div class="curl-command">
                        <pre tabindex="0"><code data-test="curl">{command.clone()}</code></pre>
                        <CopyButton text=command describes="Copy the curl command"/>
                    </div>
                </details>
            }
        })
    }
}

/// A request with zeros in the right shape; `None` when the signature cannot be called that way.
fn command(url: &str, model: &str, signature: &Signature) -> Option<String> {
    let inputs: Vec<Value> = signature.inputs.iter().map(input).collect::<Option<_>>()?;
    let body = json!({ "inputs": inputs });
    Some(format!("curl {url}/v2/models/{model}/infer \\\n  -H 'content-type: application/json' \\\n  -d '{body}'"))
}

fn input(field: &Field) -> Option<Value> {
    if field.kind != ValueKind::Tensor {
        return None;
    }
    let shape: Vec<u64> = match &field.shape {
        None => vec![1],
        Some(shape) => {
            shape.iter().map(|dimension| if let Dimension::Fixed(size) = dimension { *size } else { 1 }).collect()
        }
    };
    let count =
        shape.iter().try_fold(1_u64, |count, size| count.checked_mul(*size)).filter(|count| *count <= MOST_VALUES)?;
    let (datatype, value) = match field.datatype.as_str() {
        "FLOAT" => ("FP32", json!(0.5)),
        "DOUBLE" => ("FP64", json!(0.5)),
        "FLOAT16" => ("FP16", json!(0.5)),
        "BOOL" => ("BOOL", json!(true)),
        "STRING" => ("BYTES", json!("text")),
        integer @ ("INT8" | "INT16" | "INT32" | "INT64" | "UINT8" | "UINT16" | "UINT32" | "UINT64") => {
            (integer, json!(1))
        }
        _ => return None,
    };
    let data = vec![value; usize::try_from(count).ok()?];
    Some(json!({ "name": field.name, "shape": shape, "datatype": datatype, "data": data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_row_in_the_shape_of_the_signature() {
        let field = |shape| Field {
            name: "x".to_owned(),
            kind: ValueKind::Tensor,
            datatype: "FLOAT".to_owned(),
            shape,
            required: true,
            meaning: None,
        };
        let row = input(&field(Some(vec![Dimension::Symbolic("N".to_owned()), Dimension::Fixed(3)])));
        assert_eq!(row, Some(json!({"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [0.5, 0.5, 0.5]})));
        assert_eq!(input(&field(Some(vec![Dimension::Fixed(1_000_000)]))), None);
    }
}
