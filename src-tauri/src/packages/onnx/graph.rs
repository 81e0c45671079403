//! Walks the graph of an ONNX model: its inputs, outputs, constants, and what its nodes say about labels.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{Read, Seek};

use domain::model::{Field as Port, Format};

use super::external::{self, Beside};
use super::labels::{self, Labels};
use super::node::{Attributes, MOST, Node};
use super::operators;
use super::proto::{EXTERNAL, Entry, Integers, OperatorSet, Tensor, ValueInfo};
use super::values::Values;
use super::wire::{Block, Fault, Field, Value, Wire};
use crate::packages::Unreadable;

/// Longest name of a value, node or attribute.
const LONGEST_NAME: u64 = 64 << 10;
/// Largest description of an input or output.
const LARGEST_TYPE: u64 = 64 << 10;
/// Largest tensor or list of numbers that is looked into: labels are small.
const LARGEST_LIST: u64 = 64 << 10;
/// Most inputs and outputs.
const MOST_PORTS: usize = 10_000;
/// Most graphs inside nodes of graphs.
const DEEPEST: u16 = 32;

/// The content of a graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    /// Names of constants: an input of the same name need not be sent.
    pub(super) initializers: HashSet<String>,
    /// Small constants that could be labels.
    pub(super) constants: HashMap<String, Labels>,
    /// Nodes that matter for what outputs are called and mean.
    pub(super) nodes: Vec<Node>,
    /// Operators that ONNX Runtime does not bring: domain and name.
    pub(super) foreign: BTreeSet<(String, String)>,
    /// Operators that the model itself defines: domain and name.
    pub(super) functions: HashSet<(String, String)>,
}

/// The number of nodes that a graph stands inside; 0 for the model's own.
type Depth = u16;

/// A walk ends with a fault in the bytes, or with something that they say.
#[derive(Debug)]
pub(super) enum Stop {
    Fault(Fault),
    Unreadable(Unreadable),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Unreadable> for Stop {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Walks a file and gathers what its graph says.
pub(super) struct Walk<'a, R> {
    pub(super) wire: Wire<R>,
    pub(super) graph: Graph,
    pub(super) values: Values,
    beside: Beside<'a>,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    pub(super) fn new(wire: Wire<R>, beside: Beside<'a>) -> Self {
        Self { wire, graph: Graph::default(), values: Values::default(), beside }
    }

    /// Walks the model's own graph (`GraphProto`).
    pub(super) fn main_graph(&mut self, block: Block) -> Result<(), Stop> {
        self.walk(block, 0)
    }

    /// Walks a `TrainingInfoProto`, whose weights must not lie elsewhere either.
    pub(super) fn training(&mut self, block: Block) -> Result<(), Stop> {
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 1 | 2, value: Value::Block(graph) } => self.walk(graph, 1)?,
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        Ok(())
    }

    /// Walks a `FunctionProto`: an operator that the model itself defines.
    pub(super) fn function(&mut self, block: Block) -> Result<(), Stop> {
        let (mut domain, mut name) = (String::new(), String::new());
        self.values.open();
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 1, value: Value::Block(text) } => name = self.wire.text(text, LONGEST_NAME)?,
                Field { number: 10, value: Value::Block(text) } => domain = self.wire.text(text, LONGEST_NAME)?,
                Field { number: 7, value: Value::Block(node) } => self.node(node, 1)?,
                Field { number: 9, value: Value::Block(set) } => {
                    operators::check_set(&self.wire.message::<OperatorSet>(set, LONGEST_NAME)?)?;
                }
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        self.values.close(false);
        self.wire.keep(domain.len() + name.len())?;
        self.graph.functions.insert((domain, name));
        Ok(())
    }

    fn walk(&mut self, block: Block, depth: Depth) -> Result<(), Stop> {
        if depth > DEEPEST {
            return Err(implausible("graphs inside graphs, more than 32 deep").into());
        }
        let main = depth == 0;
        self.values.open();
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 1, value: Value::Block(node) } => self.node(node, depth)?,
                Field { number: 5, value: Value::Block(tensor) } => {
                    let (name, list) = self.tensor(tensor)?;
                    self.initializer(name, list, main)?;
                }
                Field { number: 15, value: Value::Block(sparse) } => {
                    let name = self.sparse(sparse)?;
                    self.initializer(name, None, main)?;
                }
                Field { number: 11, value: Value::Block(port) } if main => {
                    let port = self.port(port)?;
                    self.values.gives(&port.name);
                    self.graph.inputs.push(port);
                }
                Field { number: 12, value: Value::Block(port) } if main => {
                    let port = self.port(port)?;
                    self.values.takes(&port.name, true);
                    self.graph.outputs.push(port);
                }
                Field { number: number @ (11 | 12), value: Value::Block(port) } => {
                    let name = self.name(port)?;
                    if number == 11 { self.values.gives(&name) } else { self.values.takes(&name, true) }
                }
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        self.values.close(main);
        Ok(())
    }

    fn initializer(&mut self, name: String, list: Option<Vec<String>>, main: bool) -> Result<(), Stop> {
        self.values.gives(&name);
        if !main {
            return Ok(());
        }
        if let Some(list) = list {
            self.wire.keep(name.len() + list.iter().map(|label| label.len() + size_of::<String>()).sum::<usize>())?;
            self.graph.constants.insert(name.clone(), list.into());
        }
        self.wire.keep(name.len())?;
        self.graph.initializers.insert(name);
        Ok(())
    }

    fn port(&mut self, block: Block) -> Result<Port, Stop> {
        if self.graph.inputs.len() + self.graph.outputs.len() >= MOST_PORTS {
            return Err(implausible("more than 10,000 inputs and outputs").into());
        }
        let info: ValueInfo = self.wire.message(block, LARGEST_TYPE)?;
        // A dimension of two bytes is kept as one of some thirty.
        self.wire.keep(usize::try_from(block.size()).unwrap_or(usize::MAX).saturating_mul(16))?;
        Ok(info.field())
    }

    /// The name of an input or output of a graph inside a node.
    fn name(&mut self, block: Block) -> Result<String, Stop> {
        let mut name = String::new();
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 1, value: Value::Block(text) } => name = self.wire.text(text, LONGEST_NAME)?,
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        Ok(name)
    }

    fn node(&mut self, block: Block, depth: Depth) -> Result<(), Stop> {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let (mut operator, mut domain) = (String::new(), String::new());
        let mut attributes = Attributes::default();
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: number @ (1 | 2), value: Value::Block(name) } => {
                    let name = self.wire.text(name, LONGEST_NAME)?;
                    if number == 1 {
                        self.values.takes(&name, false)
                    } else {
                        self.values.makes(&name)
                    }
                    let names = if number == 1 { &mut inputs } else { &mut outputs };
                    if names.len() < MOST {
                        names.push(name);
                    }
                }
                Field { number: 4, value: Value::Block(name) } => operator = self.wire.text(name, LONGEST_NAME)?,
                Field { number: 7, value: Value::Block(name) } => domain = self.wire.text(name, LONGEST_NAME)?,
                Field { number: 5, value: Value::Block(attribute) } => {
                    self.attribute(attribute, depth, &mut attributes)?
                }
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        if !operators::is_known(&domain) && !self.graph.foreign.contains(&(domain.clone(), operator.clone())) {
            self.wire.keep(domain.len() + operator.len())?;
            self.graph.foreign.insert((domain, operator.clone()));
        }
        if operator == "Constant" {
            if let (true, [name]) = (depth == 0 && !attributes.constant.is_empty(), outputs.as_slice()) {
                self.wire.keep(name.len())?;
                self.graph.constants.insert(name.clone(), attributes.constant.into());
            }
            return Ok(());
        }
        if depth == 0
            && let Some(node) = Node::new(&operator, inputs, outputs, attributes)
        {
            self.wire.keep(node.size())?;
            self.graph.nodes.push(node);
        }
        Ok(())
    }

    /// Walks an `AttributeProto`, and keeps what it holds if that may be labels.
    fn attribute(&mut self, block: Block, depth: Depth, attributes: &mut Attributes) -> Result<(), Stop> {
        let mut name = String::new();
        while let Some(field) = self.wire.next(block)? {
            let labels = attributes.list(&name);
            match (field.number, field.value, labels) {
                (1, Value::Block(text), _) => name = self.wire.text(text, LONGEST_NAME)?,
                (5, Value::Block(tensor), Some(labels)) => {
                    // Most constants are shapes and tables of numbers, which name nothing.
                    let list = self.tensor(tensor)?.1.filter(|list| name != "value" || labels::is_text(list));
                    for label in list.into_iter().flatten() {
                        self.label(label, labels)?;
                    }
                }
                (5 | 10, Value::Block(tensor), _) => drop(self.tensor(tensor)?),
                (6 | 11, Value::Block(graph), _) => self.walk(graph, depth + 1)?,
                (22 | 23, Value::Block(sparse), _) => drop(self.sparse(sparse)?),
                (8, Value::Number(number), Some(labels)) => self.label(number.cast_signed().to_string(), labels)?,
                (8, Value::Block(packed), Some(labels)) => {
                    for number in self.integers(packed)? {
                        self.label(number.to_string(), labels)?;
                    }
                }
                (9, Value::Block(text), Some(labels)) => {
                    let label = self.wire.text(text, LONGEST_NAME)?;
                    self.label(label, labels)?;
                }
                (4, Value::Block(text), _) if name == "post_transform" => {
                    attributes.post_transform = self.wire.text(text, LONGEST_NAME)?;
                }
                (7, value, _) if name == "prob_a" => {
                    attributes.calibrated = true;
                    self.wire.skip(value)?;
                }
                (_, value, _) => self.wire.skip(value)?,
            }
        }
        Ok(())
    }

    fn label(&mut self, label: String, labels: &mut Vec<String>) -> Result<(), Stop> {
        self.wire.keep(label.len())?;
        labels.push(label);
        Ok(())
    }

    /// Whole numbers in packed form.
    fn integers(&mut self, block: Block) -> Result<Vec<i64>, Stop> {
        let packed = self.wire.bytes(block, LARGEST_LIST)?;
        let mut message = Vec::with_capacity(packed.len() + 8);
        prost::encoding::bytes::encode(8, &packed, &mut message);
        let decoded: Result<Integers, _> = prost::Message::decode(message.as_slice());
        Ok(decoded.map_err(|cause| self.wire.malformed(&cause.to_string()))?.numbers)
    }

    /// Walks a `TensorProto`; its name, and its elements if they may be labels.
    fn tensor(&mut self, block: Block) -> Result<(String, Option<Vec<String>>), Stop> {
        if block.size() <= LARGEST_LIST {
            let tensor: Tensor = self.wire.message(block, LARGEST_LIST)?;
            let list = tensor.list().filter(|list| !list.is_empty());
            self.elsewhere(tensor.data_location, &tensor.external_data)?;
            return Ok((tensor.name, list));
        }
        let mut name = String::new();
        let mut entries = Vec::new();
        let mut location = 0;
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 8, value: Value::Block(text) } => name = self.wire.text(text, LONGEST_NAME)?,
                Field { number: 13, value: Value::Block(entry) } => {
                    self.wire.keep(usize::try_from(entry.size()).unwrap_or(usize::MAX))?;
                    entries.push(self.wire.message::<Entry>(entry, LONGEST_NAME)?);
                }
                Field { number: 14, value: Value::Number(number) } => location = i32::try_from(number).unwrap_or(-1),
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        self.elsewhere(location, &entries)?;
        Ok((name, None))
    }

    /// Walks a `SparseTensorProto`; the name of its values.
    fn sparse(&mut self, block: Block) -> Result<String, Stop> {
        let mut values = String::new();
        while let Some(field) = self.wire.next(block)? {
            match field {
                Field { number: 1, value: Value::Block(tensor) } => values = self.tensor(tensor)?.0,
                Field { number: 2, value: Value::Block(tensor) } => drop(self.tensor(tensor)?),
                Field { value, .. } => self.wire.skip(value)?,
            }
        }
        Ok(values)
    }

    fn elsewhere(&self, location: i32, entries: &[Entry]) -> Result<(), Stop> {
        if location == EXTERNAL || !entries.is_empty() {
            external::check(entries, self.beside).map_err(Unreadable::from)?;
        }
        Ok(())
    }
}

/// The file nests or names more than a real model does.
pub(super) fn implausible(what: &'static str) -> Unreadable {
    Unreadable::Implausible { format: Format::Onnx.title(), what }
}
