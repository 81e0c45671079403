//! The form: its inputs, their fields, and what somebody has typed into them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

words! {
    /// The way in which a request is written.
    pub enum Dialect {
        /// Tensors, in the words of the Open Inference Protocol.
        OpenInference = "open_inference",
        /// A table, as MLflow's scoring server takes one.
        MlflowTable = "mlflow_table",
        /// Tensors, as MLflow's scoring server takes them.
        MlflowTensors = "mlflow_tensors",
    }
}

words! {
    /// The kind of text that a field takes.
    pub enum FieldKind {
        /// A number.
        Number = "number",
        /// A whole number.
        Integer = "integer",
        /// Any text.
        Text = "text",
        /// Yes or no.
        YesNo = "yes_no",
        /// One of a list.
        Choice = "choice",
        /// Several values: numbers with commas between them, or nested lists.
        List = "list",
        /// Any JSON.
        Json = "json",
    }
}

words! {
    /// The meaning of a field that is left empty.
    pub enum WhenEmpty {
        /// None: it has to be filled in.
        Refused = "refused",
        /// The input is not sent where none of its fields is filled in.
        LeftOut = "left_out",
        /// The value is missing, which the model understands.
        Missing = "missing",
    }
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormField {
    /// Names it in the form, and to the reader.
    pub name: String,
    /// The kind of text that it takes.
    pub kind: FieldKind,
    /// The values that can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub options: Vec<Value>,
}

/// One input of a request: a tensor, a column of a table or a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormInput {
    /// Its name in a request; empty where a request names none.
    pub name: String,
    /// The type of its elements, in the words of the Open Inference Protocol.
    pub datatype: String,
    /// Its first dimension counts the rows.
    pub by_rows: bool,
    /// The lengths of the other dimensions; `null` for any length.
    pub lengths: Vec<Option<u64>>,
    /// The meaning of an empty field.
    pub when_empty: WhenEmpty,
    /// Its fields: one for each element of a row, or one for all of them.
    pub fields: Vec<FormField>,
}

/// A form made from a signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InputForm {
    /// The way in which its request is written.
    pub dialect: Dialect,
    /// Its inputs.
    pub inputs: Vec<FormInput>,
    /// Parameters that may be sent beside the rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<FormInput>,
    /// The most rows of one request.
    pub most_rows: u32,
    /// The classes that an answer tells apart, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
}

/// The texts of a form: for each row, what was typed into each field, by its name. Parameters stand in the first row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypedRows(pub Vec<BTreeMap<String, String>>);

/// A field with a text that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The place of its row.
    pub row: usize,
    /// The field's name.
    pub field: String,
    /// A sentence that says what to do.
    pub problem: String,
}

impl InputForm {
    /// The fields of a row, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&FormInput, &FormField)> {
        self.inputs.iter().flat_map(|input| input.fields.iter().map(move |field| (input, field)))
    }
}

impl Default for TypedRows {
    /// One row in which nothing is filled in.
    fn default() -> Self {
        Self(vec![BTreeMap::new()])
    }
}

impl TypedRows {
    /// The text of a field; empty where nothing was typed.
    pub fn text(&self, row: usize, field: &str) -> &str {
        self.0.get(row).and_then(|row| row.get(field)).map_or("", String::as_str)
    }

    /// Types a text into a field.
    pub fn set(&mut self, row: usize, field: &str, text: String) {
        if let Some(row) = self.0.get_mut(row) {
            row.insert(field.to_owned(), text);
        }
    }

    /// Fills a text into those fields of this name that are empty, in every row.
    pub fn fill(&mut self, field: &str, text: &str) {
        for row in self.0.iter_mut().filter(|row| row.get(field).is_none_or(String::is_empty)) {
            row.insert(field.to_owned(), text.to_owned());
        }
    }
}
