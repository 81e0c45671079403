//! The declaration of anything about a model that its file does not state (CO-12).

use domain::model::{Declared, Field as Value, Task};
use leptos::prelude::*;

use crate::components::{Area, Choice, Field};
use crate::pages::kept_draft::KeptDraft;
use domain::compat::task_word;

/// The inputs of the form as signals.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    target: RwSignal<String>,
    task: RwSignal<String>,
    classes: RwSignal<String>,
    inputs: RwSignal<String>,
    outputs: RwSignal<String>,
    inputs_read: Memo<Result<Option<Vec<Value>>, String>>,
    outputs_read: Memo<Result<Option<Vec<Value>>, String>>,
}

impl Declaration {
    /// Nothing declared yet.
    pub(super) fn new() -> Self {
        let text = || RwSignal::new(String::new());
        let (inputs, outputs) = (text(), text());
        let read = |text: RwSignal<String>| Memo::new(move |_| fields(&text.get()));
        Self {
            target: text(),
            task: text(),
            classes: text(),
            inputs,
            outputs,
            inputs_read: read(inputs),
            outputs_read: read(outputs),
        }
    }

    /// Keeps what is written into the fields.
    pub(super) fn keep(self, kept: &KeptDraft) {
        kept.keep_texts([
            ("target", self.target),
            ("task", self.task),
            ("classes", self.classes),
            ("inputs", self.inputs),
            ("outputs", self.outputs),
        ]);
    }

    /// The declaration; `None` while a field cannot be read.
    pub(super) fn read(self) -> Option<Declared> {
        let classes: Vec<String> = lines(&self.classes.get());
        Some(Declared {
            inputs: self.inputs_read.get().ok()?,
            outputs: self.outputs_read.get().ok()?,
            target_name: Some(self.target.get().trim().to_owned()).filter(|name| !name.is_empty()),
            target_type: self.task.with(|word| word.parse().ok()),
            classes: (!classes.is_empty()).then_some(classes),
            ..Declared::default()
        })
    }
}

/// The lines that hold something.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A line for each: `name datatype`, and a shape where there is one, as in `x FLOAT [null, 4]`.
fn fields(text: &str) -> Result<Option<Vec<Value>>, String> {
    let fields = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(i, line)| {
        field(line).ok_or_else(|| format!("line {}: write name and datatype, as in x FLOAT [null, 4]", i + 1))
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok((!fields.is_empty()).then_some(fields))
}

fn field(line: &str) -> Option<Value> {
    let (name, rest) = line.trim().split_once(char::is_whitespace)?;
    let rest = rest.trim();
    let (datatype, shape) =
        rest.split_once('[').map_or((rest, None), |(datatype, shape)| (datatype.trim(), Some(shape)));
    let shape = match shape {
        Some(shape) => Some(serde_json::from_str(&format!("[{shape}")).ok()?),
        None => None,
    };
    let known = !datatype.is_empty() && !datatype.contains(char::is_whitespace);
    known.then(|| Value {
        name: name.to_owned(),
        kind: if shape.is_some() { domain::model::ValueKind::Tensor } else { domain::model::ValueKind::Column },
        datatype: datatype.to_owned(),
        shape,
        required: true,
        meaning: None,
    })
}

/// The fields.
#[component]
pub(super) fn DeclarationFields(
    declaration: Declaration,
    /// True for a file that may state some of it.
    is_read: Signal<bool>,
) -> impl IntoView {
    let tasks = Signal::derive(move || {
        let unsaid = if is_read.get() { "as the file states" } else { "not stated" };
        let mut tasks = vec![(String::new(), unsaid.to_owned())];
        tasks.extend(Task::ALL.map(|task| (task.to_string(), task_word(task).to_owned())));
        tasks
    });
    let error = |read: Memo<Result<Option<Vec<Value>>, String>>| Signal::derive(move || read.get().err());
    view! {
        <p class="sub">{move || if is_read.get() {
            "Anything the file does not state can be declared here; what it states cannot be overridden. Declared values are marked in every report."
        } else {
            "No signature is read from a package of this kind. Without declared inputs and outputs, every comparison stays unverified."
        }}</p>
        <div class="form">
            <Field label="Target name" name="target-name" value=declaration.target class="wide" placeholder="the column that the model predicts"/>
            <Choice label="Target type" name="target-type" options=tasks value=declaration.task on_choose=move |word| declaration.task.set(word)/>
        </div>
        <Area label="Classes (one per line, in the order of their index)" name="classes" value=declaration.classes rows=3/>
        <div class="two">
            <Area label="Inputs (name, datatype, shape; one per line)" name="inputs" value=declaration.inputs rows=3 error=error(declaration.inputs_read) hint="x FLOAT [null, 4]"/>
            <Area label="Outputs (name, datatype, shape; one per line)" name="outputs" value=declaration.outputs rows=3 error=error(declaration.outputs_read) hint="label INT64 [null]"/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::model::Dimension;

    use super::*;

    #[test]
    fn inputs_are_written_in_lines() {
        let read = fields("x FLOAT [null, 4]\n\nage double\n").unwrap().unwrap();
        assert_eq!(read[0].shape, Some(vec![Dimension::Unknown, Dimension::Fixed(4)]));
        assert_eq!((read[1].name.as_str(), read[1].datatype.as_str(), &read[1].shape), ("age", "double", &None));
        assert_eq!(fields(" \n"), Ok(None));
        for wrong in ["x", "x FLOAT [4", "x FLOAT 64"] {
            assert!(fields(wrong).unwrap_err().starts_with("line 1:"), "{wrong}");
        }
    }
}
