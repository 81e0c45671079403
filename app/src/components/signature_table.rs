//! What a model takes and gives.

use domain::model::{Dimension, Field, Signature};
use leptos::prelude::*;

/// Classes that are written out.
const MOST_CLASSES: usize = 12;

/// Inputs, outputs and classes.
#[component]
pub(crate) fn SignatureTable(signature: Signature) -> impl IntoView {
    let rows = |direction: &'static str, fields: &[Field]| {
        fields
            .iter()
            .map(|field| {
                view! {
                    <tr>
                        <td class="sub">{direction}</td>
                        <th scope="row"><code>{field.name.clone()}</code></th>
                        <td><code>{field.datatype.to_lowercase()}</code></td>
                        <td><code>{shape(field)}</code></td>
                    </tr>
                }
            })
            .collect_view()
    };
    let classes = signature.classes.as_ref().map(|classes| {
        let more = classes.len().saturating_sub(MOST_CLASSES);
        let shown = classes.iter().take(MOST_CLASSES).cloned().collect::<Vec<_>>().join(", ");
        let text = if more > 0 { format!("{shown} and {more} more") } else { shown };
        view! { <p class="sub">{format!("{} classes: {text}", classes.len())}</p> }
    });
    view! {
        <div class="signature">
            <table class="facts">
                <thead class="visually-hidden">
                    <tr><th scope="col">"Direction"</th><th scope="col">"Name"</th><th scope="col">"Type"</th><th scope="col">"Shape"</th></tr>
                </thead>
                <tbody>{rows("takes", &signature.inputs)}{rows("gives", &signature.outputs)}</tbody>
            </table>
            {classes}
        </div>
    }
}

fn shape(field: &Field) -> String {
    let Some(shape) = &field.shape else { return "any shape".to_owned() };
    let parts: Vec<String> = shape
        .iter()
        .map(|dimension| match dimension {
            Dimension::Fixed(size) => size.to_string(),
            Dimension::Symbolic(name) => name.clone(),
            Dimension::Unknown => "?".to_owned(),
        })
        .collect();
    format!("[{}]", parts.join(", "))
}
