//! Models that no runtime can serve, as far as their signatures say.

use super::signature::{Field, Format, Signature, ValueKind};

/// The reason for which the built-in runtime cannot serve a model with this signature, in the runtime's own sentence;
/// none where nothing in the signature speaks against it.
pub fn not_servable(signature: &Signature) -> Option<String> {
    if signature.format != Format::Onnx || signature.absent {
        return None;
    }
    let inputs =
        signature.inputs.iter().filter(|field| field.required && !is_tensor(field)).map(|field| ("input", field));
    let outputs = signature.outputs.iter().filter(|field| !is_tensor(field) && !is_scores(field));
    let (end, field) = inputs.chain(outputs.map(|field| ("output", field))).next()?;
    let Field { name, datatype, .. } = field;
    Some(format!(
        "the model cannot be served: its {end} \"{name}\" is a {datatype}, which the Open Inference Protocol cannot carry"
    ))
}

fn is_tensor(field: &Field) -> bool {
    const KNOWN: [&str; 14] = [
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FLOAT16", "BFLOAT16",
        "FLOAT", "DOUBLE", "STRING",
    ];
    // A file that does not say is not blamed.
    let unsaid = field.datatype.is_empty() || field.datatype == "UNDEFINED";
    field.kind == ValueKind::Tensor && (unsaid || KNOWN.contains(&field.datatype.as_str()))
}

/// A map from class to score for each row, or one alone, which is answered as a tensor.
fn is_scores(field: &Field) -> bool {
    let inner = field.datatype.strip_prefix("seq(").and_then(|inner| inner.strip_suffix(')'));
    let map = inner.unwrap_or(&field.datatype);
    let known = |key: &str, value: &str| map == format!("map({key},tensor({value}))");
    ["INT64", "STRING"].iter().any(|key| ["FLOAT", "DOUBLE"].iter().any(|value| known(key, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(inputs: &[(ValueKind, &str)], outputs: &[(ValueKind, &str)]) -> Signature {
        let fields = |given: &[(ValueKind, &str)]| {
            given
                .iter()
                .map(|&(kind, datatype)| Field {
                    name: "x".to_owned(),
                    kind,
                    datatype: datatype.to_owned(),
                    shape: None,
                    required: true,
                    meaning: None,
                })
                .collect()
        };
        Signature { inputs: fields(inputs), outputs: fields(outputs), ..Signature::default() }
    }

    #[test]
    fn what_the_protocol_cannot_carry_is_told_from_the_signature_alone() {
        use ValueKind::{Map, Optional, Sequence, Tensor};
        let float = (Tensor, "FLOAT");
        for (signature, end) in [
            (model(&[float], &[(Tensor, "INT64"), float]), None),
            (model(&[float], &[(Sequence, "seq(map(INT64,tensor(FLOAT)))")]), None),
            (model(&[float], &[(Map, "map(STRING,tensor(DOUBLE))")]), None),
            (model(&[float], &[(Tensor, "")]), None),
            (model(&[float], &[(Sequence, "seq(tensor(FLOAT))")]), Some("output")),
            (model(&[float], &[(Map, "map(INT64,tensor(INT64))")]), Some("output")),
            (model(&[float], &[(Tensor, "COMPLEX64")]), Some("output")),
            (model(&[(Optional, "optional(tensor(FLOAT))")], &[float]), Some("input")),
            (model(&[(Sequence, "seq(map(INT64,tensor(FLOAT)))")], &[float]), Some("input")),
        ] {
            let said = not_servable(&signature);
            let expected = end.map(|end| format!("the model cannot be served: its {end} \"x\" is a "));
            assert_eq!(
                said.as_ref().map(|said| said.starts_with(expected.as_deref().unwrap_or("?"))),
                end.map(|_| true),
                "{said:?}"
            );
        }
        let declared = Signature { format: Format::Declared, ..model(&[], &[(Sequence, "seq(tensor(FLOAT))")]) };
        assert_eq!(not_servable(&declared), None);
    }
}
