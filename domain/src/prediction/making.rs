//! Makes the form of a signature.

use std::collections::BTreeSet;

use super::form::{Dialect, FieldKind, FormField, FormInput, InputForm, WhenEmpty};
use crate::model::{Column, Dimension, Field, PackageKind, Signature, UNNAMED, ValueKind, protocol_datatype};
use crate::runtime::Runtime;

/// Most elements of a row that have a field each; of more, one field takes all.
const MOST_FIELDS: u64 = 64;
/// Most rows that are filled in by hand.
const MOST_ROWS: u32 = 50;

impl InputForm {
    /// The form of a model of this kind in `runtime`, of whose rows a request may hold `batch_limit`. None where the
    /// signature does not say what a request holds, no field could carry it (sequences, maps), or a program decides what
    /// it takes.
    pub fn of(signature: &Signature, kind: PackageKind, runtime: Runtime, batch_limit: Option<u32>) -> Option<Self> {
        if signature.absent || signature.inputs.is_empty() {
            return None;
        }
        let making = Making::of(signature);
        let (dialect, inputs) = match runtime {
            Runtime::External | Runtime::Command => return None,
            // An MLflow directory tells of columns, and the ONNX file inside takes tensors.
            Runtime::Onnx if kind == PackageKind::Mlflow => return None,
            Runtime::Custom if kind != PackageKind::Custom => return None,
            Runtime::Mlflow if making.has_columns() => (Dialect::MlflowTable, making.columns()?),
            Runtime::Mlflow => (Dialect::MlflowTensors, making.tensors()?),
            Runtime::Trees => (Dialect::OpenInference, making.trees()?),
            Runtime::Onnx | Runtime::Custom => (Dialect::OpenInference, making.tensors()?),
        };
        let parameters = if runtime == Runtime::Mlflow { making.parameters() } else { Vec::new() };
        let one_row = making.is_one_row() || inputs.iter().any(|input| !input.by_rows);
        let most_rows = if one_row { 1 } else { batch_limit.unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS) };
        let classes = signature.class_titles.clone().or_else(|| signature.classes.clone()).unwrap_or_default();
        (!inputs.is_empty()).then_some(Self { dialect, inputs, parameters, most_rows, classes })
    }
}

struct Making<'a> {
    signature: &'a Signature,
    /// Names of dimensions that come first somewhere: the batch, wherever else they stand.
    batch: BTreeSet<&'a str>,
}

impl<'a> Making<'a> {
    fn of(signature: &'a Signature) -> Self {
        let first = |field: &'a Field| match field.shape.as_ref()?.first()? {
            Dimension::Symbolic(name) => Some(name.as_str()),
            Dimension::Fixed(_) | Dimension::Unknown => None,
        };
        Self { signature, batch: signature.inputs.iter().filter_map(first).collect() }
    }

    fn has_columns(&self) -> bool {
        self.signature.inputs.iter().any(|input| input.kind == ValueKind::Column)
    }

    /// True when an input says that a request holds one row.
    fn is_one_row(&self) -> bool {
        let is_one = |input: &Field| matches!(input.shape.as_deref(), Some([Dimension::Fixed(1), ..]));
        self.signature.inputs.iter().any(is_one)
    }

    fn tensors(&self) -> Option<Vec<FormInput>> {
        let sent = self.signature.inputs.iter().filter(|input| input.kind != ValueKind::Optional);
        sent.map(|input| self.tensor(input)).collect()
    }

    fn tensor(&self, input: &Field) -> Option<FormInput> {
        let datatype = protocol_datatype(&input.datatype)?;
        let (by_rows, lengths) = match (input.kind, &input.shape) {
            (ValueKind::Column, _) => (true, vec![Some(1)]),
            (ValueKind::Tensor, None) => (true, vec![self.features()]),
            (ValueKind::Tensor, Some(shape)) => self.lengths(shape),
            (ValueKind::Sequence | ValueKind::Map | ValueKind::Optional, _) => return None,
        };
        let fields = self.fields(&input.name, datatype, &lengths);
        let when_empty = if input.required { WhenEmpty::Refused } else { WhenEmpty::LeftOut };
        Some(FormInput {
            name: input.name.clone(),
            datatype: datatype.to_owned(),
            by_rows,
            lengths,
            when_empty,
            fields,
        })
    }

    /// Whether the first dimension counts rows, and the lengths of the others.
    fn lengths(&self, shape: &[Dimension]) -> (bool, Vec<Option<u64>>) {
        let length = |dimension: &Dimension| match dimension {
            Dimension::Fixed(length) => Some(*length),
            Dimension::Symbolic(name) if self.batch.contains(name.as_str()) => None,
            Dimension::Symbolic(_) | Dimension::Unknown => self.features().filter(|_| shape.len() == 2),
        };
        match shape {
            [] => (false, Vec::new()),
            [Dimension::Fixed(0 | 2..), ..] => (false, shape.iter().map(length).collect()),
            [_, others @ ..] => (true, others.iter().map(length).collect()),
        }
    }

    /// The number of named columns of the one tensor that the model takes.
    fn features(&self) -> Option<u64> {
        let features = self.signature.features.as_ref().filter(|_| self.signature.inputs.len() == 1)?;
        Some(features.len() as u64)
    }

    fn fields(&self, name: &str, datatype: &str, lengths: &[Option<u64>]) -> Vec<FormField> {
        let called = if name.is_empty() { "Value" } else { name };
        let kind = kind_of(datatype);
        let count = lengths.iter().try_fold(1_u64, |product, length| product.checked_mul((*length)?));
        match count {
            Some(1) => vec![field(called, kind)],
            Some(2..=MOST_FIELDS) if lengths.len() < 2 => {
                let count = count.unwrap_or_default();
                let features = self.signature.features.as_ref().filter(|_| self.features() == Some(count));
                let numbered = |place: u64| format!("{called} {}", place + 1);
                let named = |place: u64| features.and_then(|all| all.get(usize::try_from(place).ok()?)).cloned();
                (0..count).map(|place| field(&named(place).unwrap_or_else(|| numbered(place)), kind)).collect()
            }
            _ => vec![field(called, FieldKind::List)],
        }
    }

    /// The columns of a table, as MLflow takes it.
    fn columns(&self) -> Option<Vec<FormInput>> {
        let column = |(place, input): (usize, &Field)| {
            let lower = input.datatype.trim().to_ascii_lowercase();
            let name = if input.name.is_empty() { format!("Value {}", place + 1) } else { input.name.clone() };
            let is_json = ["array", "map", "object", "{"].iter().any(|nested| lower.starts_with(nested));
            let (datatype, kind) = match protocol_datatype(&input.datatype) {
                _ if is_json => ("", FieldKind::Json),
                Some(datatype) => (datatype, kind_of(datatype)),
                None => return None,
            };
            let when_empty = if input.required { WhenEmpty::Refused } else { WhenEmpty::LeftOut };
            Some(one(&input.name, datatype, when_empty, field(&name, kind)))
        };
        self.signature.inputs.iter().enumerate().map(column).collect()
    }

    /// The inputs of the tree runtime: one tensor for each named column, or one for all.
    fn trees(&self) -> Option<Vec<FormInput>> {
        let inputs = &self.signature.inputs;
        if inputs.iter().all(|input| input.name.is_empty()) {
            let lengths = match inputs.as_slice() {
                [table] if table.kind == ValueKind::Tensor => match &table.shape {
                    Some(shape) => self.lengths(shape).1,
                    None => vec![self.features()],
                },
                columns => vec![Some(columns.len() as u64)],
            };
            let fields = self.fields("", "FP32", &lengths);
            let when_empty = if fields.iter().any(|field| field.kind == FieldKind::List) {
                WhenEmpty::Refused
            } else {
                WhenEmpty::Missing
            };
            let (name, datatype) = (UNNAMED.to_owned(), "FP32".to_owned());
            return Some(vec![FormInput { name, datatype, by_rows: true, lengths, when_empty, fields }]);
        }
        let columns = self.signature.tree_columns().ok()?;
        let made = inputs.iter().zip(columns).map(|(input, column)| {
            let kind = match &column {
                Column::Number => FieldKind::Number,
                Column::Code => FieldKind::Integer,
                Column::Category(_) => FieldKind::Choice,
            };
            let datatype = column.datatype();
            let options = if let Column::Category(known) = column { known } else { Vec::new() };
            let named = FormField { options, ..field(&input.name, kind) };
            one(&input.name, datatype, WhenEmpty::Missing, named)
        });
        Some(made.collect())
    }

    fn parameters(&self) -> Vec<FormInput> {
        let known = self.signature.parameters.iter().map(|parameter| {
            let datatype = protocol_datatype(&parameter.datatype).filter(|_| parameter.shape.is_none());
            let kind = datatype.map_or(FieldKind::Json, kind_of);
            let named = field(&parameter.name, kind);
            FormInput {
                by_rows: false,
                lengths: Vec::new(),
                ..one(&parameter.name, datatype.unwrap_or_default(), WhenEmpty::LeftOut, named)
            }
        });
        known.collect()
    }
}

/// An input with one value in each row.
fn one(name: &str, datatype: &str, when_empty: WhenEmpty, field: FormField) -> FormInput {
    let (name, datatype) = (name.to_owned(), datatype.to_owned());
    FormInput { name, datatype, by_rows: true, lengths: vec![Some(1)], when_empty, fields: vec![field] }
}

fn field(name: &str, kind: FieldKind) -> FormField {
    FormField { name: name.to_owned(), kind, options: Vec::new() }
}

/// The kind of field for one element of this type.
fn kind_of(datatype: &str) -> FieldKind {
    match datatype {
        "BOOL" => FieldKind::YesNo,
        "BYTES" => FieldKind::Text,
        "FP16" | "BF16" | "FP32" | "FP64" => FieldKind::Number,
        _ => FieldKind::Integer,
    }
}
