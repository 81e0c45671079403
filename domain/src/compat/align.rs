//! Two models side by side: what belongs together stands in one row, and what one side lacks is a gap.

use std::collections::{HashMap, VecDeque};

use crate::model::{Dimension, Field, Format, Meaning, Part, RegisteredModel, Series, Signature, Task, ValueKind};

/// Rows of one kind of thing, such as inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlignedPart {
    /// The heading of the rows.
    pub title: &'static str,
    /// The rows, in the order of the model in use; a row that only the candidate has stands behind the one that it
    /// follows there.
    pub rows: Vec<AlignedRow>,
}

/// The same thing of both models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlignedRow {
    /// The name of the thing; empty when the file gives it none.
    pub name: String,
    /// The cell of the model in use; `None` when that model lacks the thing.
    pub current: Option<Cell>,
    /// The cell of the candidate; `None` when the candidate lacks the thing.
    pub candidate: Option<Cell>,
    /// The comparison of the sides.
    pub mark: Mark,
}

/// One side of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The description of the thing, such as its type and shape; empty when its name says all.
    pub text: String,
    /// The place of the thing, counted from 0, where that carries meaning or differs.
    pub place: Option<usize>,
    /// No file says it: a person declared it.
    pub declared: bool,
}

/// The comparison of the sides of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Both sides say the same.
    Equal,
    /// They say different things.
    Changed,
    /// They say the same in another place.
    Moved,
    /// Only the candidate has it.
    Added,
    /// Only the model in use has it.
    Removed,
    /// One side does not say whether it has it.
    Unknown,
}

/// The key that decides about the place of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// A request names what it sends: only the order among what both have can differ.
    Names,
    /// The place is the meaning, as of a column of a tensor or the index of a class.
    Places,
}

/// A thing of one side before it is aligned.
struct Item {
    name: String,
    text: String,
    /// The meaning of `text`: names of dimensions carry no meaning across files.
    sense: String,
    /// The file leaves the type or the shape open, so that the thing cannot be told to be equal.
    open: bool,
}

/// Aligns everything that two models say of themselves; parts that neither has are left out.
pub fn align(current: &RegisteredModel, candidate: &RegisteredModel) -> Vec<AlignedPart> {
    let (old, new) = (&current.signature, &candidate.signature);
    let said = |part: Part| (old.declared.contains(&part), new.declared.contains(&part));
    let fields = |fields: fn(&Signature) -> &Vec<Field>, signature: &Signature| {
        let fields = fields(signature);
        (!signature.absent || !fields.is_empty()).then(|| fields.iter().map(field).collect())
    };
    let inputs = |signature: &Signature| fields(|signature| &signature.inputs, signature);
    let outputs = |signature: &Signature| fields(|signature| &signature.outputs, signature);
    let words = |words: &Option<Vec<String>>| words.as_ref().map(|words| words.iter().map(|text| word(text)).collect());
    let order = if by_place(old) || by_place(new) { Order::Places } else { Order::Names };
    let mut parts = vec![
        part("Inputs", list(inputs(old), inputs(new), order, said(Part::Inputs))),
        part(
            "Columns of the input",
            list(words(&old.features), words(&new.features), Order::Places, said(Part::Features)),
        ),
        part("Outputs", list(outputs(old), outputs(new), Order::Names, said(Part::Outputs))),
        part("Target", target(old, new)),
        part("Classes", list(words(titles(old)), words(titles(new)), Order::Places, said(Part::Classes))),
        part("Time series", series(old, new)),
        part("Parameters", list(Some(parameters(old)), Some(parameters(new)), Order::Names, (false, false))),
        part("Package", package(current, candidate)),
        part("Properties of the file", list(Some(metadata(old)), Some(metadata(new)), Order::Names, (false, false))),
    ];
    parts.retain(|part| !part.rows.is_empty());
    parts
}

fn part(title: &'static str, rows: Vec<AlignedRow>) -> AlignedPart {
    AlignedPart { title, rows }
}

/// The names that properties give to classes which the graph only numbers, else the graph's labels.
fn titles(signature: &Signature) -> &Option<Vec<String>> {
    if signature.class_titles.is_some() { &signature.class_titles } else { &signature.classes }
}

/// Tree files know their features by place.
fn by_place(signature: &Signature) -> bool {
    matches!(signature.format, Format::LightgbmText | Format::XgboostJson | Format::XgboostUbj)
}

/// Aligns two lists by name, the n-th of a name with the n-th. `None`: the side does not say what it has.
fn list(
    current: Option<Vec<Item>>,
    candidate: Option<Vec<Item>>,
    order: Order,
    (old_declared, new_declared): (bool, bool),
) -> Vec<AlignedRow> {
    let known = current.is_some() && candidate.is_some();
    let (current, candidate) = (current.unwrap_or_default(), candidate.unwrap_or_default());
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (i, item) in candidate.iter().enumerate() {
        places.entry(&item.name).or_default().push_back(i);
    }
    let partners: Vec<Option<usize>> =
        current.iter().map(|item| places.get_mut(item.name.as_str()).and_then(VecDeque::pop_front)).collect();
    let mut partner_of = vec![None; candidate.len()];
    for (i, j) in partners.iter().enumerate().filter_map(|(i, partner)| Some((i, (*partner)?))) {
        partner_of[j] = Some(i);
    }
    // How many of those before it both have.
    let rank = |partners: &[Option<usize>]| {
        let mut common = 0;
        partners.iter().map(|partner| (common, common += usize::from(partner.is_some())).0).collect::<Vec<_>>()
    };
    let (old_rank, new_rank) = (rank(&partners), rank(&partner_of));
    let cell = |item: &Item, place: Option<usize>, declared| Cell { text: item.text.clone(), place, declared };
    let only = |item: &Item, cell: Cell, added: bool| {
        let mark = match (known, added) {
            (false, _) => Mark::Unknown,
            (true, true) => Mark::Added,
            (true, false) => Mark::Removed,
        };
        let (current, candidate) = if added { (None, Some(cell)) } else { (Some(cell), None) };
        AlignedRow { name: item.name.clone(), current, candidate, mark }
    };
    let always = |place| (order == Order::Places).then_some(place);
    let added = |from: usize| {
        let rest = candidate.iter().enumerate().skip(from);
        let fresh = rest.take_while(|(j, _)| partner_of.get(*j).is_some_and(Option::is_none));
        fresh.map(|(j, item)| only(item, cell(item, always(j), new_declared), true)).collect::<Vec<_>>()
    };
    let mut rows = added(0);
    for (i, item) in current.iter().enumerate() {
        let Some((j, other)) = partners[i].and_then(|j| Some((j, candidate.get(j)?))) else {
            rows.push(only(item, cell(item, always(i), old_declared), false));
            continue;
        };
        let moved = if order == Order::Places { i != j } else { old_rank[i] != new_rank[j] };
        let mark = match (item.sense == other.sense, moved) {
            _ if item.open || other.open => Mark::Unknown,
            (false, _) => Mark::Changed,
            (true, true) => Mark::Moved,
            (true, false) => Mark::Equal,
        };
        let place = |place| if moved { Some(place) } else { always(place) };
        rows.push(AlignedRow {
            name: item.name.clone(),
            current: Some(cell(item, place(i), old_declared)),
            candidate: Some(cell(other, place(j), new_declared)),
            mark,
        });
        rows.extend(added(j + 1));
    }
    rows
}

/// A single fact of both sides; nothing when neither has it.
fn fact(name: &str, current: Option<String>, candidate: Option<String>, lacking: Option<Mark>) -> Option<AlignedRow> {
    let mark = match (&current, &candidate) {
        (None, None) => return None,
        (Some(old), Some(new)) if old == new => Mark::Equal,
        (Some(_), Some(_)) => Mark::Changed,
        (None, Some(_)) => lacking.unwrap_or(Mark::Added),
        (Some(_), None) => lacking.unwrap_or(Mark::Removed),
    };
    let cell = |text: Option<String>| text.map(|text| Cell { text, place: None, declared: false });
    Some(AlignedRow { name: name.to_owned(), current: cell(current), candidate: cell(candidate), mark })
}

fn declared(mut row: AlignedRow, part: Part, old: &Signature, new: &Signature) -> AlignedRow {
    for (cell, signature) in [(&mut row.current, old), (&mut row.candidate, new)] {
        if let Some(cell) = cell {
            cell.declared = signature.declared.contains(&part);
        }
    }
    row
}

fn target(old: &Signature, new: &Signature) -> Vec<AlignedRow> {
    let task = |signature: &Signature| signature.target.task.map(|task| task_word(task).to_owned());
    let count = |signature: &Signature| signature.class_count.map(|count| count.to_string());
    let unknown = Some(Mark::Unknown);
    let name = fact("name", old.target.name.clone(), new.target.name.clone(), unknown);
    let kind = fact("type", task(old), task(new), unknown);
    let rows = [
        name.map(|row| declared(row, Part::TargetName, old, new)),
        kind.map(|row| declared(row, Part::TargetType, old, new)),
        fact("number of classes", count(old), count(new), unknown),
    ];
    rows.into_iter().flatten().collect()
}

/// A kind of answer in words.
pub fn task_word(task: Task) -> &'static str {
    match task {
        Task::Binary => "one of two classes",
        Task::Multiclass => "one of several classes",
        Task::Regression => "a number",
        Task::Ranking => "an order",
    }
}

fn series(old: &Signature, new: &Signature) -> Vec<AlignedRow> {
    let of = |name: &str, read: fn(&Series) -> Option<String>| {
        fact(name, old.series.as_ref().and_then(read), new.series.as_ref().and_then(read), None)
            .map(|row| declared(row, Part::Series, old, new))
    };
    let level = |signature: &Signature| signature.interval_level.map(|level| level.to_string());
    let rows = [
        of("datetime column", |series| series.datetime_column.clone()),
        of("horizon", |series| series.horizon.map(|steps| steps.to_string())),
        of("window", |series| series.window.map(|steps| steps.to_string())),
        of("frequency", |series| series.frequency.clone()),
        of("segment column", |series| series.segment_column.clone()),
        fact("prediction intervals", level(old), level(new), None)
            .map(|row| declared(row, Part::IntervalLevel, old, new)),
    ];
    rows.into_iter().flatten().collect()
}

fn package(current: &RegisteredModel, candidate: &RegisteredModel) -> Vec<AlignedRow> {
    let of =
        |name: &str, read: fn(&RegisteredModel) -> Option<String>| fact(name, read(current), read(candidate), None);
    let rows = [
        of("kind", |model| Some(model.kind.title().to_owned())),
        of("format", |model| Some(format_word(model.signature.format).to_owned())),
        of("producer", |model| filled(&model.signature.producer)),
        of("operator sets", |model| {
            let sets = model.signature.opsets.iter().map(|(domain, version)| match domain.as_str() {
                "" => format!("ai.onnx {version}"),
                domain => format!("{domain} {version}"),
            });
            filled(&sets.collect::<Vec<_>>().join(", "))
        }),
        of("flavours", |model| filled(&model.signature.flavors.join(", "))),
        of("run", |model| model.signature.run_id.clone()),
        of("input example", |model| model.signature.input_example.clone()),
        of("URL", |model| model.url.clone()),
        of("size", |model| Some(format!("{} bytes", model.size))),
        of("SHA-256", |model| Some(model.digest.to_string())),
    ];
    rows.into_iter().flatten().collect()
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A format in words.
pub fn format_word(format: Format) -> &'static str {
    match format {
        Format::Onnx => "ONNX graph",
        Format::Mlflow => "MLmodel",
        Format::LightgbmText => "LightGBM text",
        Format::XgboostJson => "XGBoost JSON",
        Format::XgboostUbj => "XGBoost UBJSON",
        Format::Declared => "declared",
    }
}

fn metadata(signature: &Signature) -> Vec<Item> {
    let item = |(name, value): (&String, &String)| item(name.clone(), value.clone(), value.clone());
    signature.metadata.iter().map(item).collect()
}

fn parameters(signature: &Signature) -> Vec<Item> {
    let parameters = signature.parameters.iter().map(|parameter| {
        let shape = parameter.shape.as_ref().map(|shape| format!(" {}", shape_words(shape))).unwrap_or_default();
        let text = format!("{}{shape}, default {}", parameter.datatype, parameter.default);
        item(parameter.name.clone(), text.clone(), text)
    });
    parameters.collect()
}

fn item(name: String, text: String, sense: String) -> Item {
    Item { name, text, sense, open: false }
}

fn word(word: &str) -> Item {
    item(word.to_owned(), String::new(), String::new())
}

fn field(field: &Field) -> Item {
    let about = |shape: String| {
        let mut parts = vec![field.datatype.to_lowercase(), shape];
        parts.extend((!field.required).then(|| "optional".to_owned()));
        parts.extend(field.meaning.map(|meaning| match meaning {
            Meaning::Probability => "probability".to_owned(),
            Meaning::Score => "score".to_owned(),
            Meaning::Number => "number".to_owned(),
        }));
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    };
    let kind = match field.kind {
        ValueKind::Tensor | ValueKind::Column => "",
        ValueKind::Sequence => "sequence",
        ValueKind::Map => "map",
        ValueKind::Optional => "optional value",
    };
    let any = |shape: &[Dimension]| {
        let size = |dimension: &Dimension| match dimension {
            Dimension::Fixed(size) => Dimension::Fixed(*size),
            Dimension::Symbolic(_) | Dimension::Unknown => Dimension::Unknown,
        };
        shape_words(&shape.iter().map(size).collect::<Vec<_>>())
    };
    let unknown = || if field.kind == ValueKind::Tensor { "of any shape".to_owned() } else { String::new() };
    let text = about(field.shape.as_deref().map_or_else(unknown, shape_words));
    let sense = format!("{kind} {}", about(field.shape.as_deref().map(any).unwrap_or_default()));
    let open = field.kind == ValueKind::Tensor && field.shape.is_none() || field.datatype.is_empty();
    Item { open, ..item(field.name.clone(), text, sense) }
}

/// A shape as people write it: `[N, 4]`, with `?` for a size that the file leaves open.
pub fn shape_words(shape: &[Dimension]) -> String {
    let size = |dimension: &Dimension| match dimension {
        Dimension::Fixed(size) => size.to_string(),
        Dimension::Symbolic(name) => name.clone(),
        Dimension::Unknown => "?".to_owned(),
    };
    format!("[{}]", shape.iter().map(size).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
