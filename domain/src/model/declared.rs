//! Declarations: anything that a model's file does not say, said by a person.

use serde::{Deserialize, Serialize};

use super::sample::is_datatype;
use super::{Field, Part, Series, Signature, Task};

/// Anything that a person says of a model where its file does not (CO-12).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Declared {
    /// The inputs that a request must send.
    pub inputs: Option<Vec<Field>>,
    /// The outputs that a response holds.
    pub outputs: Option<Vec<Field>>,
    /// Names of the columns of a single tensor, in order.
    pub features: Option<Vec<String>>,
    /// The column that was learned.
    pub target_name: Option<String>,
    /// The kind of answer that it gives.
    pub target_type: Option<Task>,
    /// Class labels in index order.
    pub classes: Option<Vec<String>>,
    /// The steps of a forecast, if it is one.
    pub series: Option<Series>,
    /// Share of outcomes that prediction intervals are to hold, above 0 and below 1.
    pub interval_level: Option<f64>,
}

/// Most inputs, outputs, features or classes that can be declared.
const MOST: usize = 10_000;
/// Longest declared name in bytes.
const LONGEST: usize = 1_024;

/// The reason for which a declaration cannot be used: the part, and a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {problem}")]
pub struct InvalidDeclaration {
    /// The field of [`Declared`].
    pub part: &'static str,
    /// A sentence that says what is wrong and what to do.
    pub problem: String,
}

impl Declared {
    /// Fills what `signature` lacks, and marks it as declared.
    ///
    /// # Errors
    /// When a part contradicts what the file says: a file is never overruled.
    pub fn fill(self, signature: &mut Signature) -> Result<(), InvalidDeclaration> {
        self.check()?;
        let says = |part, word: &str| InvalidDeclaration {
            part,
            problem: format!("the file itself says {word}, which cannot be declared otherwise; leave it out"),
        };
        let mut declared = Vec::new();
        if let Some(inputs) = self.inputs {
            if signature.inputs.is_empty() {
                signature.inputs = inputs;
                declared.push(Part::Inputs);
            } else if signature.inputs != inputs {
                return Err(says("inputs", "which inputs it has"));
            }
        }
        if let Some(outputs) = self.outputs {
            if signature.outputs.is_empty() {
                signature.outputs = outputs;
                declared.push(Part::Outputs);
            } else if signature.outputs != outputs {
                return Err(says("outputs", "which outputs it has"));
            }
        }
        if !signature.inputs.is_empty() && !signature.outputs.is_empty() {
            signature.absent = false;
        } else if let Some(half) = declared.first().filter(|_| signature.absent) {
            let (part, other) = if *half == Part::Inputs { ("inputs", "outputs") } else { ("outputs", "inputs") };
            let problem = format!("one half says too little to compare; declare the {other} too");
            return Err(InvalidDeclaration { part, problem });
        }
        let mut fill = |part: Part, word, filled: Result<bool, &str>| match filled {
            Ok(true) => {
                declared.push(part);
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(what) => Err(says(word, what)),
        };
        fill(Part::Features, "features", put(&mut signature.features, self.features, "which features it has"))?;
        let target = &mut signature.target;
        fill(Part::TargetName, "target_name", put(&mut target.name, self.target_name, "what its target is called"))?;
        fill(Part::TargetType, "target_type", put(&mut target.task, self.target_type, "what it predicts"))?;
        let count = self.classes.as_ref().map(|classes| classes.len() as u64);
        if count.is_some() && signature.class_count.is_some_and(|known| Some(known) != count) {
            return Err(says("classes", "how many classes it has"));
        }
        fill(Part::Classes, "classes", put(&mut signature.classes, self.classes, "which classes it has"))?;
        signature.class_count = signature.class_count.or(count);
        fill(Part::Series, "series", put(&mut signature.series, self.series, "what makes it a forecast"))?;
        let level = put(&mut signature.interval_level, self.interval_level, "how wide its intervals are");
        fill(Part::IntervalLevel, "interval_level", level)?;
        signature.declared.extend(declared);
        signature.declared.sort_unstable();
        signature.declared.dedup();
        Ok(())
    }

    fn check(&self) -> Result<(), InvalidDeclaration> {
        let fail = |part, problem: &str| Err(InvalidDeclaration { part, problem: problem.to_owned() });
        for (part, fields) in [("inputs", &self.inputs), ("outputs", &self.outputs)] {
            let Some(fields) = fields else { continue };
            let names: std::collections::HashSet<_> = fields.iter().map(|field| &field.name).collect();
            if fields.is_empty() || fields.len() > MOST || names.len() < fields.len() {
                return fail(part, "at least one, at most 10,000, each with a name of its own");
            }
            if fields.iter().any(|field| field.name.len() > LONGEST || field.datatype.len() > LONGEST) {
                return fail(part, "a name holds at most 1,024 bytes");
            }
            if let Some(field) = fields.iter().find(|field| !field.datatype.is_empty() && !is_datatype(&field.datatype))
            {
                let problem = format!(
                    "\"{}\" is no datatype; write it as in FLOAT, DOUBLE, INT64, BOOL or STRING",
                    field.datatype.chars().take(64).collect::<String>()
                );
                return fail(part, &problem);
            }
        }
        for (part, words) in [("features", &self.features), ("classes", &self.classes)] {
            let Some(words) = words else { continue };
            let distinct: std::collections::HashSet<_> = words.iter().collect();
            if words.is_empty() || words.len() > MOST || distinct.len() < words.len() {
                return fail(part, "at least one, at most 10,000, none of them twice");
            }
            if words.iter().any(|word| word.len() > LONGEST) {
                return fail(part, "each holds at most 1,024 bytes");
            }
        }
        if self.target_name.as_ref().is_some_and(|name| name.is_empty() || name.len() > LONGEST) {
            return fail("target_name", "1 to 1,024 bytes");
        }
        if let Some(series) = &self.series {
            let words = [&series.datetime_column, &series.frequency, &series.segment_column];
            let wrong = |word: &String| word.is_empty() || word.len() > LONGEST;
            if words.into_iter().flatten().any(wrong) || series.horizon == Some(0) || series.window == Some(0) {
                return fail("series", "words of 1 to 1,024 bytes; a horizon and a window of at least 1");
            }
        }
        if self.interval_level.is_some_and(|level| !(level > 0.0 && level < 1.0)) {
            return fail("interval_level", "above 0 and below 1, as in 0.8");
        }
        Ok(())
    }
}

/// Puts what is declared where nothing is; whether anything was put.
fn put<T: PartialEq>(place: &mut Option<T>, declared: Option<T>, what: &'static str) -> Result<bool, &'static str> {
    match (place.as_ref(), declared) {
        (_, None) => Ok(false),
        (Some(there), Some(declared)) if *there == declared => Ok(false),
        (Some(_), Some(_)) => Err(what),
        (None, Some(declared)) => {
            *place = Some(declared);
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests;
