//! Reads an ONNX file into a [`Signature`], without a runtime and without loading its weights.
//!
//! # Flow
//!
//! The file is walked once from front to back. Small messages are decoded, large ones walked, weights passed
//! over. What goes wrong is then told apart: not ONNX at all, cut short, or damaged.
//!
//! # Guarantees
//!
//! Works on files that no runtime loads. Whatever the bytes, time grows with the file's size and memory stays
//! below a bound.

mod external;
mod graph;
mod labels;
mod meaning;
mod node;
mod operators;
mod proto;
mod values;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use domain::model::{ClassSource, Field as Port, Format, Signature};

pub use external::{Beside, ExternalError};
use graph::{Stop, Walk, implausible};
pub(super) use meaning::names_columns;
use operators::STANDARD;
use proto::{Entry, OperatorSet};
use wire::{Fault, Field, Value, Wire};

use super::{Unreadable, properties, sniff};

/// Largest text in the head of a model: producer, one metadata property.
const LONGEST_TEXT: u64 = 4 << 20;
/// Most operator sets and metadata properties.
const MOST_ENTRIES: usize = 10_000;

/// The name that people know the format by.
const FORMAT: &str = Format::Onnx.title();

/// Reads the file at `path`, of at most `limit` bytes.
///
/// # Errors
///
/// See [`Unreadable`]; every variant is a sentence for the person who sent the file.
pub fn read_file(path: &Path, limit: u64, beside: Beside<'_>) -> Result<Signature, Unreadable> {
    read(&mut File::open(path)?, limit, beside)
}

/// Reads `file` from its beginning; see [`read_file`].
///
/// # Errors
///
/// See [`Unreadable`].
pub fn read(file: &mut (impl Read + Seek), limit: u64, beside: Beside<'_>) -> Result<Signature, Unreadable> {
    let wire = Wire::new(&mut *file)?;
    let size = wire.whole().size();
    if size == 0 {
        return Err(Unreadable::Empty);
    }
    if size > limit {
        return Err(Unreadable::TooLarge { size, limit });
    }
    let mut head = Head::default();
    let mut walk = Walk::new(wire, beside);
    let fault = match walk_model(&mut walk, &mut head) {
        Ok(()) => None,
        Err(Stop::Unreadable(unreadable)) => return Err(unreadable),
        Err(Stop::Fault(Fault::Io(cause))) => return Err(Unreadable::Io(cause)),
        Err(Stop::Fault(fault)) => Some(fault),
    };
    let (graph, values) = (walk.graph, walk.values);
    let fault = match fault {
        None if head.has_graph => {
            let signature = head.signature(graph)?;
            return values.fault().map_or(Ok(signature), |fault| Err(Unreadable::Graph(fault)));
        }
        fault => fault,
    };
    let mut beginning = Vec::new();
    file.rewind()?;
    file.by_ref().take(sniff::HEAD).read_to_end(&mut beginning)?;
    // Every writer begins with the format's version; without it this is no ONNX file, cut or not.
    if head.ir_version.is_none() {
        return Err(Unreadable::Other(sniff::guess(&beginning)));
    }
    if let Some(look) = sniff::not_onnx_after_all(&beginning, head.highest_field) {
        return Err(Unreadable::Other(look));
    }
    Err(match fault {
        None => Unreadable::NoGraph,
        Some(Fault::CutShort) => Unreadable::CutShort { format: FORMAT, size },
        Some(Fault::Malformed { at, why }) => Unreadable::Damaged { format: FORMAT, at, why },
        Some(Fault::TooMuch) => implausible("more names and labels than fit in 64 MiB"),
        Some(Fault::Io(cause)) => Unreadable::Io(cause),
    })
}

/// The part of a `ModelProto` beside its graph.
#[derive(Debug, Default)]
struct Head {
    ir_version: Option<i64>,
    producer: [String; 2],
    opsets: BTreeMap<String, i64>,
    metadata: BTreeMap<String, String>,
    has_graph: bool,
    highest_field: u64,
}

fn walk_model<R: Read + Seek>(walk: &mut Walk<'_, R>, head: &mut Head) -> Result<(), Stop> {
    let whole = walk.wire.whole();
    while let Some(field) = walk.wire.next(whole)? {
        head.highest_field = head.highest_field.max(field.number);
        match field {
            Field { number: 1, value: Value::Number(version) } => head.ir_version = Some(version.cast_signed()),
            Field { number: number @ (2 | 3), value: Value::Block(text) } => {
                let text = walk.wire.text(text, LONGEST_TEXT)?;
                walk.wire.keep(text.len())?;
                head.producer[usize::from(number == 3)] = text;
            }
            Field { number: 7, value: Value::Block(graph) } => {
                if head.has_graph {
                    return Err(Unreadable::Graph("there are two of them".to_owned()).into());
                }
                head.has_graph = true;
                walk.main_graph(graph)?;
            }
            Field { number: 8, value: Value::Block(set) } => {
                let set: OperatorSet = walk.wire.message(set, LONGEST_TEXT)?;
                walk.wire.keep(set.domain.len())?;
                let domain = if set.domain.is_empty() { STANDARD.to_owned() } else { set.domain };
                head.opsets.insert(domain, set.version);
            }
            Field { number: 14, value: Value::Block(entry) } => {
                let entry: Entry = walk.wire.message(entry, LONGEST_TEXT)?;
                walk.wire.keep(entry.key.len() + entry.value.len())?;
                head.metadata.insert(entry.key, entry.value);
            }
            Field { number: 20, value: Value::Block(training) } => walk.training(training)?,
            Field { number: 25, value: Value::Block(function) } => walk.function(function)?,
            Field { number: 1..=8 | 14 | 20 | 25 | 26, value } => walk.wire.skip(value)?,
            // Later versions of the format may add fields; in the first place they are a sign of another format.
            Field { value, .. } if head.ir_version.is_some() => walk.wire.skip(value)?,
            Field { .. } => return Err(walk.wire.malformed("a field that no ONNX model has").into()),
        }
        if head.opsets.len() + head.metadata.len() > MOST_ENTRIES {
            return Err(implausible("more than 10,000 operator sets and metadata properties").into());
        }
    }
    Ok(())
}

impl Head {
    fn signature(self, graph: graph::Graph) -> Result<Signature, Unreadable> {
        operators::check_format(self.ir_version.unwrap_or_default())?;
        if self.opsets.is_empty() {
            return Err(Unreadable::NoOperatorSet);
        }
        for (domain, version) in &self.opsets {
            operators::check_version(domain, *version)?;
        }
        if graph.outputs.is_empty() {
            return Err(Unreadable::NoOutputs);
        }
        if let Some((domain, operator)) = graph.foreign.iter().find(|operator| !graph.functions.contains(*operator)) {
            return Err(operators::unknown(domain, operator));
        }
        only_once(&graph.inputs, "inputs")?;
        only_once(&graph.outputs, "outputs")?;
        let classes =
            labels::find(&graph.nodes, &graph.constants, graph.outputs.iter().map(|output| output.name.as_str()));
        let mut inputs = graph.inputs;
        inputs.retain(|input| !graph.initializers.contains(&input.name));
        let mut signature = Signature {
            format: Format::Onnx,
            inputs,
            outputs: graph.outputs,
            class_source: classes.as_ref().map(|_| ClassSource::Graph),
            class_count: classes.as_ref().map(|classes| classes.len() as u64),
            classes,
            opsets: self.opsets,
            ir_version: self.ir_version.unwrap_or_default(),
            producer: self.producer.join(" ").trim().to_owned(),
            metadata: self.metadata,
            ..Signature::default()
        };
        properties::describe(&mut signature);
        meaning::describe(&mut signature, &graph.nodes);
        Ok(signature)
    }
}

fn only_once(ports: &[Port], ends: &str) -> Result<(), Unreadable> {
    let mut seen = HashSet::new();
    match ports.iter().find(|port| !seen.insert(port.name.as_str())) {
        None => Ok(()),
        Some(port) => Err(Unreadable::Graph(format!("two {ends} are called \"{}\"", port.name.escape_debug()))),
    }
}
