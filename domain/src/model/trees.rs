//! The columns of a file of trees: whether they have names, and which categories they know.

use serde_json::Value;

use super::{Dimension, Field, Format, Signature, ValueKind};

/// Ends the name of a property that stands for lists of categories too long to keep: of each list the first category of
/// each type.
pub const SHORTENED: &str = "_shortened";

/// The values that one column of a file of trees takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// A number.
    Number,
    /// A category by its number: the file calls the column categorical and lists no categories.
    Code,
    /// One of these categories: texts, numbers or truth values, as the trainer had them. The file encodes each by its
    /// place.
    Category(Vec<Value>),
}

impl Column {
    /// Its datatype in the Open Inference Protocol.
    pub fn datatype(&self) -> &'static str {
        match self {
            Self::Number => "FP32",
            Self::Code => "INT64",
            Self::Category(known) if known.iter().all(|one| one.is_i64() || one.is_u64()) => "INT64",
            Self::Category(known) if known.iter().all(Value::is_number) => "FP64",
            Self::Category(known) if known.iter().all(Value::is_boolean) => "BOOL",
            Self::Category(_) => "BYTES",
        }
    }

    /// A value that it takes.
    pub fn example(&self) -> Value {
        match self {
            Self::Number => Value::from(0.5),
            Self::Code => Value::from(1),
            Self::Category(known) => known.first().cloned().unwrap_or_default(),
        }
    }
}

/// The file lists categories, and does not say of which columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the file lists the categories of {lists} columns, but {columns} columns are categorical, so it is not clear which list belongs to which column. Train it with every categorical column as a pandas category"
)]
pub struct Ambiguous {
    lists: usize,
    columns: usize,
}

/// True when a library has made up these names because the data that it was trained with had none: LightGBM's
/// `Column_0`, `Column_1` and so on, `f0`, `f1` and so on of XGBoost.
pub fn are_made_up<'a>(format: Format, names: impl IntoIterator<Item = &'a str>) -> bool {
    let start = match format {
        Format::LightgbmText => "Column_",
        Format::XgboostJson | Format::XgboostUbj => "f",
        Format::Onnx | Format::Mlflow | Format::Declared => return false,
    };
    let made_up =
        |(place, name): (usize, &str)| name.strip_prefix(start).is_some_and(|number| *number == *place.to_string());
    names.into_iter().enumerate().all(made_up)
}

/// The one tensor that a file of trees without names takes.
pub fn whole_table(width: u64) -> Field {
    Field {
        name: String::new(),
        kind: ValueKind::Tensor,
        datatype: "FLOAT".to_owned(),
        shape: Some(vec![Dimension::Unknown, Dimension::Fixed(width)]),
        required: true,
        meaning: None,
    }
}

impl Signature {
    /// The same signature, with one tensor for columns whose names a library has made up. Versions that were registered
    /// when such names still counted as names are read like this, so that they compare as what they are.
    #[must_use]
    pub fn without_made_up_names(mut self) -> Self {
        let columns = !self.inputs.is_empty() && self.inputs.iter().all(|input| input.kind == ValueKind::Column);
        if columns
            && are_made_up(self.format, self.inputs.iter().map(|input| input.name.as_str()))
            && self.known_categories().is_empty()
        {
            self.inputs = vec![whole_table(self.inputs.len() as u64)];
        }
        self
    }

    /// The values that each column of a file of trees takes, in the order of the file.
    ///
    /// # Errors
    /// When lists of categories cannot be told apart.
    pub fn tree_columns(&self) -> Result<Vec<Column>, Ambiguous> {
        let categorical = |input: &&Field| input.datatype == "c";
        let (lists, columns) = (self.known_categories(), self.inputs.iter().filter(categorical).count());
        let by_name = lists.iter().all(|(name, _)| name.is_some());
        if !by_name && lists.len() != columns {
            return Err(Ambiguous { lists: lists.len(), columns });
        }
        let mut in_turn = lists.iter();
        let column = |input: &Field| {
            let list = match (by_name, input.datatype == "c") {
                (true, _) => lists.iter().find(|(name, _)| name.as_deref() == Some(input.name.as_str())),
                (false, true) => in_turn.next(),
                (false, false) => None,
            };
            match list {
                Some((_, known)) => Column::Category(known.clone()),
                None if input.datatype == "c" => Column::Code,
                None => Column::Number,
            }
        };
        Ok(self.inputs.iter().map(column).collect())
    }

    /// The lists of categories in the file: XGBoost's by column name; pandas', as LightGBM keeps them, in the order of the
    /// categorical columns. None where it does not say, or they are too long to keep.
    pub(crate) fn lists_of_categories(&self) -> Option<Vec<(Option<String>, Vec<Value>)>> {
        self.lists("")
    }

    /// The same lists; of those that are too long to keep, the part that is kept.
    fn known_categories(&self) -> Vec<(Option<String>, Vec<Value>)> {
        self.lists("").or_else(|| self.lists(SHORTENED)).unwrap_or_default()
    }

    fn lists(&self, end: &str) -> Option<Vec<(Option<String>, Vec<Value>)>> {
        let text = |key: &str| self.metadata.get(&format!("{key}{end}"));
        let read = |key| text(key).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let list = |value: Value| match value {
            Value::Array(known) => known,
            _ => Vec::new(),
        };
        match (read("categories"), read("pandas_categorical")) {
            (Some(Value::Object(columns)), _) => {
                Some(columns.into_iter().map(|(column, known)| (Some(column), list(known))).collect())
            }
            (_, Some(Value::Array(lists))) => Some(lists.into_iter().map(|known| (None, list(known))).collect()),
            (_, Some(Value::Null)) => Some(Vec::new()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signature(format: Format, columns: &[(&str, &str)], properties: &[(&str, &str)]) -> Signature {
        let column = |(name, datatype): &(&str, &str)| Field {
            name: (*name).to_owned(),
            kind: ValueKind::Column,
            datatype: (*datatype).to_owned(),
            shape: None,
            required: true,
            meaning: None,
        };
        Signature {
            format,
            inputs: columns.iter().map(column).collect(),
            metadata: properties.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
            ..Signature::default()
        }
    }

    #[test]
    fn names_that_a_library_made_up_are_none() {
        for (format, names, made_up) in [
            (Format::LightgbmText, &["Column_0", "Column_1"][..], true),
            (Format::LightgbmText, &["Column_1", "Column_0"], false),
            (Format::LightgbmText, &["Column_0", "Column_01"], false),
            (Format::LightgbmText, &["f0", "f1"], false),
            (Format::XgboostJson, &["f0", "f1"], true),
            (Format::XgboostUbj, &["f0"], true),
            (Format::XgboostUbj, &["f1"], false),
            (Format::XgboostUbj, &["f0", "age"], false),
            (Format::Mlflow, &["f0"], false),
        ] {
            let columns: Vec<_> = names.iter().map(|name| (*name, "float")).collect();
            let read = signature(format, &columns, &[]).without_made_up_names();
            let expected =
                if made_up { vec![whole_table(names.len() as u64)] } else { signature(format, &columns, &[]).inputs };
            assert_eq!(read.inputs, expected, "{format:?} {names:?}");
        }
        // Only a table has categories, and a table has names.
        let table = signature(Format::LightgbmText, &[("Column_0", "c")], &[("pandas_categorical", r#"[["a"]]"#)]);
        assert_eq!(table.clone().without_made_up_names(), table);
    }

    #[test]
    fn a_column_takes_what_the_trainer_had() {
        let columns = &[("age", "float"), ("city", "c"), ("code", "c"), ("flag", "c")];
        let lists = ("pandas_categorical", r#"[["Bern","Rome"],[10,20],[false,true]]"#);
        let read = signature(Format::LightgbmText, columns, &[lists]).tree_columns().unwrap();
        let words: Vec<_> = read.iter().map(|column| (column.datatype(), column.example())).collect();
        let expected = [("FP32", json!(0.5)), ("BYTES", json!("Bern")), ("INT64", json!(10)), ("BOOL", json!(false))];
        assert_eq!(words, expected);
        let by_name = signature(Format::XgboostJson, columns, &[("categories", r#"{"code":[7,8]}"#)]);
        let read = by_name.tree_columns().unwrap();
        assert_eq!(read[1..3], [Column::Code, Column::Category(vec![json!(7), json!(8)])]);
        assert_eq!(Column::Category(vec![json!(0.5), json!(1)]).datatype(), "FP64");
        for none in ["null", "[]", "no list"] {
            let read = signature(Format::LightgbmText, columns, &[("pandas_categorical", none)]).tree_columns();
            assert_eq!(read.unwrap()[1], Column::Code, "{none}");
        }
        let shortened = ("pandas_categorical_shortened", lists.1);
        let long = signature(Format::LightgbmText, columns, &[shortened]);
        assert_eq!(long.tree_columns().unwrap()[1].datatype(), "BYTES");
        assert_eq!(long.lists_of_categories(), None);
        let error = signature(Format::LightgbmText, &columns[..2], &[lists]).tree_columns().unwrap_err();
        assert!(error.to_string().contains("categories of 3 columns, but 1 columns are categorical"), "{error}");
    }
}
