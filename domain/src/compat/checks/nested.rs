//! Types of MLflow's that hold others, as readers write them: `array(double)`, `map(long)`, `object(id: long, note?: string)`.

use super::datatype::same;

/// A type.
#[derive(Debug, PartialEq)]
enum Type<'a> {
    Any,
    Word(&'a str),
    Array(Box<Type<'a>>),
    Map(Box<Type<'a>>),
    /// Name, whether it must be there, type.
    Object(Vec<(&'a str, bool, Type<'a>)>),
}

/// Deepest type that is compared.
const DEEPEST: usize = 16;

/// True when the new type takes every value of the old one, as an input may.
pub(super) fn takes(old: &str, new: &str) -> bool {
    parsed(old, new).is_some_and(|(old, new)| new.takes(&old))
}

/// True when the new type gives only values in which readers of the old one find what they look for, as an output may.
pub(super) fn gives(old: &str, new: &str) -> bool {
    parsed(old, new).is_some_and(|(old, new)| new.gives(&old))
}

/// Both, if one of them holds others or anything; names with marks of their own in them are not told apart.
fn parsed<'a>(old: &'a str, new: &'a str) -> Option<(Type<'a>, Type<'a>)> {
    let (old, new) = (whole(old)?, whole(new)?);
    (!matches!((&old, &new), (Type::Word(_), Type::Word(_)))).then_some((old, new))
}

fn whole(text: &str) -> Option<Type<'_>> {
    let (parsed, rest) = Type::read(text, 0)?;
    rest.is_empty().then_some(parsed)
}

impl<'a> Type<'a> {
    fn read(text: &'a str, depth: usize) -> Option<(Self, &'a str)> {
        if depth > DEEPEST {
            return None;
        }
        for (start, holds) in [("array(", Self::Array as fn(Box<Self>) -> Self), ("map(", Self::Map)] {
            if let Some(inner) = text.strip_prefix(start) {
                let (inner, rest) = Self::read(inner, depth + 1)?;
                return Some((holds(Box::new(inner)), rest.strip_prefix(')')?));
            }
        }
        if let Some(mut rest) = text.strip_prefix("object(") {
            let mut properties = Vec::new();
            while !rest.starts_with(')') {
                let (name, after) = rest.split_once(": ")?;
                let (inner, after) = Self::read(after, depth + 1)?;
                let (name, required) = name.strip_suffix('?').map_or((name, true), |name| (name, false));
                if name.contains(['(', ')', ',']) {
                    return None;
                }
                properties.push((name, required, inner));
                rest = after.strip_prefix(", ").unwrap_or(after);
            }
            return Some((Self::Object(properties), &rest[1..]));
        }
        let end = text.find([')', ',', '(']).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        match word {
            "" => None,
            "any" => Some((Self::Any, rest)),
            word => Some((Self::Word(word), rest)),
        }
    }

    /// MLflow refuses a property that it does not know.
    fn takes(&self, old: &Self) -> bool {
        match (old, self) {
            (_, Self::Any) => true,
            (Self::Word(old), Self::Word(new)) => same(old, new),
            (Self::Array(old), Self::Array(new)) | (Self::Map(old), Self::Map(new)) => new.takes(old),
            (Self::Object(old), Self::Object(new)) => {
                let known = |name: &str| new.iter().find(|(other, ..)| *other == name);
                old.iter().all(|(name, required, inner)| {
                    known(name).is_some_and(|(_, needed, wider)| (*required || !needed) && wider.takes(inner))
                }) && new.iter().all(|(name, needed, _)| !needed || old.iter().any(|(other, ..)| other == name))
            }
            _ => false,
        }
    }

    fn gives(&self, old: &Self) -> bool {
        match (old, self) {
            (Self::Any, _) => true,
            (Self::Word(old), Self::Word(new)) => same(old, new),
            (Self::Array(old), Self::Array(new)) | (Self::Map(old), Self::Map(new)) => new.gives(old),
            (Self::Object(old), Self::Object(new)) => old.iter().all(|(name, required, inner)| {
                let found = new.iter().find(|(other, ..)| other == name);
                found.is_some_and(|(_, always, narrower)| (*always || !required) && narrower.gives(inner))
            }),
            _ => false,
        }
    }
}
