//! Reads XGBoost's own JSON and UBJSON into a [`Signature`].

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read, Seek};

use domain::model::{Format, Signature, Task};
use serde::Deserialize;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::categories::{Container, TooMany};
use super::ensemble::{BEST_ITERATION, Ensemble, KEPT, TreeOutput, keep};
use super::json::BoundedReader;
use super::ubjson::{self, Ubjson};
use crate::packages::{Unreadable, properties, sniff};

/// Most bytes that names of features may have together, with what each costs beside.
const MOST_NAMES: usize = 32 << 20;
const JSON: &str = Format::XgboostJson.title();
const UBJSON: &str = Format::XgboostUbj.title();

/// The whole file, as far as it matters.
#[derive(Debug, Deserialize)]
struct File {
    learner: Learner,
    #[serde(default)]
    version: Names,
}

#[derive(Debug, Deserialize)]
struct Learner {
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    feature_names: Names,
    #[serde(default)]
    feature_types: Names,
    gradient_booster: Booster,
    learner_model_param: Parameters,
    objective: Objective,
}

/// The model, if there is one, with the categories of its features.
#[derive(Debug, Deserialize)]
struct Booster {
    model: Option<Trees>,
    // Of a booster that drops trees (DART).
    gbtree: Option<Box<Booster>>,
}

#[derive(Debug, Deserialize)]
struct Trees {
    // Since 3.1.
    cats: Option<Container>,
    gbtree_model_param: Option<Forest>,
}

/// The number of trees that a round adds for each class.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Forest {
    num_parallel_tree: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    num_class: String,
    num_feature: String,
    num_target: String,
}

#[derive(Debug, Deserialize)]
struct Objective {
    name: String,
    quantile_loss_param: Option<Quantiles>,
}

#[derive(Debug, Deserialize)]
struct Quantiles {
    quantile_alpha: Option<String>,
}

/// A list of short texts or numbers; anything else in it is passed over.
#[derive(Debug, Default)]
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
                let (mut names, mut cost) = (Vec::new(), 0);
                while let Some(Name(name)) = list.next_element()? {
                    cost += name.len() + size_of::<String>();
                    if cost > MOST_NAMES {
                        return Err(de::Error::custom("it has more names of features than fit in 32 MiB"));
                    }
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A text or a whole number.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                Ok(Name(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Name, E> {
                Ok(Name(text))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Name, E> {
                Ok(Name(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Name, E> {
                Ok(Name(number.to_string()))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// Attributes of a model that stopped early: the best round, or how many trees there are up to it.
const STOPPED: [&str; 2] = [BEST_ITERATION, "best_ntree_limit"];

/// Attributes that say what [`properties`] reads, and where the training stopped; the others change with every training.
#[derive(Debug, Default)]
struct Attributes(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Known;
        impl<'de> Visitor<'de> for Known {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attributes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut known = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if properties::is_known(&key) || STOPPED.contains(&&*key) {
                        let value: Name = map.next_value()?;
                        known.insert(key, value.0);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Attributes(known))
            }
        }
        deserializer.deserialize_map(Known)
    }
}

/// Reads JSON.
///
/// # Errors
/// [`Unreadable`] when it is cut short, damaged or no model of XGBoost's.
pub fn read_json(source: &mut (impl Read + Seek)) -> Result<Signature, Unreadable> {
    read_json_with(source, KEPT)
}

/// The same, with lists of categories of up to `kept` bytes.
pub(super) fn read_json_with(source: &mut (impl Read + Seek), kept: usize) -> Result<Signature, Unreadable> {
    let size = source.seek(io::SeekFrom::End(0))?;
    source.rewind()?;
    let mut bounded = BoundedReader::new(BufReader::with_capacity(64 << 10, &mut *source));
    let mut deserializer = serde_json::Deserializer::from_reader(&mut bounded);
    let read = File::deserialize(&mut deserializer).and_then(|file| deserializer.end().map(|()| file));
    let (at, tripped) = (bounded.at, bounded.tripped);
    drop(bounded);
    match read {
        Ok(file) => file.signature(Format::XgboostJson, JSON, kept),
        Err(_) if tripped => {
            Err(Unreadable::Implausible { format: JSON, what: "parts nested deeper, or texts longer, than any" })
        }
        Err(fault) if fault.is_io() => Err(Unreadable::Io(fault.into())),
        Err(_) if !mentions(source, b"\"learner\"")? => Err(other(source)?),
        Err(fault) if fault.is_eof() => Err(Unreadable::CutShort { format: JSON, size }),
        Err(fault) if fault.is_data() => {
            Err(Unreadable::NotUnderstood { format: JSON, why: plain(&fault.to_string()) })
        }
        Err(fault) => Err(Unreadable::Damaged { format: JSON, at, why: plain(&fault.to_string()) }),
    }
}

/// Reads UBJSON.
///
/// # Errors
/// As [`read_json`].
pub fn read_ubjson(source: &mut (impl Read + Seek)) -> Result<Signature, Unreadable> {
    read_ubjson_with(source, KEPT)
}

/// The same, with lists of categories of up to `kept` bytes.
pub(super) fn read_ubjson_with(source: &mut (impl Read + Seek), kept: usize) -> Result<Signature, Unreadable> {
    let size = source.seek(io::SeekFrom::End(0))?;
    let mut reader = Ubjson::new(&mut *source)?;
    let read = File::deserialize(&mut reader);
    let (at, ended) = (reader.at(), reader.ended());
    drop(reader);
    match read {
        Ok(file) if ended => file.signature(Format::XgboostUbj, UBJSON, kept),
        Ok(_) => Err(Unreadable::Damaged {
            format: UBJSON,
            at,
            why: "something follows after the end of the model".to_owned(),
        }),
        Err(ubjson::Fault::Io(cause)) => Err(Unreadable::Io(cause)),
        Err(_) if !mentions(source, b"learner")? => Err(other(source)?),
        Err(ubjson::Fault::CutShort) => Err(Unreadable::CutShort { format: UBJSON, size }),
        Err(ubjson::Fault::TooMuch) => {
            Err(Unreadable::Implausible { format: UBJSON, what: "parts nested deeper, or texts longer, than any" })
        }
        Err(ubjson::Fault::Meant(why)) => Err(Unreadable::NotUnderstood { format: UBJSON, why: plain(&why) }),
        Err(ubjson::Fault::Malformed(why)) => Err(Unreadable::Damaged { format: UBJSON, at, why: plain(&why) }),
    }
}

/// A reader's error, without the words that the reader has for its own parts.
fn plain(why: &str) -> String {
    let other = ["invalid type", "invalid length", "invalid value", "duplicate field"];
    if other.iter().any(|words| why.starts_with(words)) {
        "a part of it is not what XGBoost writes there".to_owned()
    } else {
        why.replace("missing field", "it lacks the part")
    }
}

/// True when the beginning says that the file is XGBoost's at all; the word comes first but for the version.
fn mentions(source: &mut (impl Read + Seek), word: &[u8]) -> io::Result<bool> {
    let head = beginning(source)?;
    Ok(head.windows(word.len()).any(|window| window == word))
}

fn other(source: &mut (impl Read + Seek)) -> io::Result<Unreadable> {
    Ok(Unreadable::Other(sniff::guess(&beginning(source)?)))
}

fn beginning(source: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.rewind()?;
    source.by_ref().take(sniff::HEAD).read_to_end(&mut head)?;
    Ok(head)
}

impl File {
    fn signature(self, format: Format, title: &'static str, kept: usize) -> Result<Signature, Unreadable> {
        let contradiction = |why: String| Unreadable::Contradiction { format: title, why };
        let Learner { attributes, feature_names, feature_types, gradient_booster, learner_model_param, objective } =
            self.learner;
        let booster = gradient_booster.gbtree.map_or(gradient_booster.model, |inner| inner.model);
        let Some(trees) = booster else {
            return Err(contradiction("it holds settings and no trees".to_owned()));
        };
        let number = |what: &str, text: &str, missing: u64| match text {
            "" => Ok(missing),
            text => text.parse::<u64>().map_err(|_| {
                let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
                contradiction(format!("its {what} is \"{shown}\", which is no number"))
            }),
        };
        let classes = number("num_class", &learner_model_param.num_class, 0)?;
        let targets = number("num_target", &learner_model_param.num_target, 1)?;
        // No model has none; a file that says nothing, or 0, leaves open how many there are.
        let features = Some(number("num_feature", &learner_model_param.num_feature, 0)?).filter(|&count| count > 0);
        let (names, types) = (feature_names.0, feature_types.0);
        for (what, list) in [("names", &names), ("types", &types)] {
            let count = list.len() as u64;
            if let Some(features) = features.filter(|&features| count > 0 && features != count) {
                return Err(contradiction(format!("it has {features} features and {what} for {count}")));
            }
        }
        let columns: Option<Vec<(String, String)>> = (!names.is_empty()).then(|| {
            let types = types.into_iter().chain(std::iter::repeat(String::new()));
            names.into_iter().zip(types).collect()
        });
        let written = trees.cats.map(|cats| cats.enc.written(columns.as_deref())).transpose();
        let too_many = |TooMany| Unreadable::Implausible { format: title, what: "more than 4 MiB of categories" };
        let categories = written.map_err(too_many)?.flatten();
        let best = best_iteration(&attributes.0, trees.gbtree_model_param.as_ref());
        let alphas = objective.quantile_loss_param.and_then(|param| param.quantile_alpha).unwrap_or_default();
        let stated = Some(alphas.chars().take(4_096).collect::<String>()).filter(|alphas| !alphas.is_empty());
        let alphas = quantiles(&alphas);
        let (task, answer, count) = answer(&objective.name, classes, targets.max(alphas.len() as u64));
        let mut metadata = attributes.0;
        metadata.retain(|key, _| !STOPPED.contains(&key.as_str()));
        metadata.extend(best.map(|best| (BEST_ITERATION.to_owned(), best.to_string())));
        metadata.insert("objective".to_owned(), objective.name.chars().take(200).collect());
        metadata.insert("num_class".to_owned(), classes.to_string());
        metadata.insert("num_target".to_owned(), targets.to_string());
        metadata.extend(stated.map(|alphas| ("quantile_alpha".to_owned(), alphas)));
        let listed = categories.is_some();
        if let Some(lists) = categories {
            keep(&mut metadata, "categories", lists, kept);
        }
        let version = self.version.0.join(".");
        let mut signature = Signature {
            format,
            producer: if version.is_empty() { "XGBoost".to_owned() } else { format!("XGBoost {version}") },
            metadata,
            interval_level: match alphas.as_slice() {
                [first, .., last] if last > first => Some(last - first),
                _ => None,
            },
            ..Signature::default()
        };
        Ensemble { features, columns, categories: listed, task, answer, classes: count }.describe(&mut signature);
        Ok(signature)
    }
}

/// The last round that the trainer's own `predict` uses of a model that stopped early, counted from 0. Releases before 1.4
/// kept the number of trees instead.
fn best_iteration(attributes: &BTreeMap<String, String>, forest: Option<&Forest>) -> Option<u64> {
    let [best, limit] = STOPPED.map(|key| attributes.get(key).and_then(|text| text.trim().parse::<u64>().ok()));
    let trees = forest.and_then(|forest| forest.num_parallel_tree.parse().ok()).unwrap_or(1_u64).max(1);
    best.or_else(|| (limit? / trees).checked_sub(1))
}

/// As in `[0.1,0.5,0.9]`.
fn quantiles(text: &str) -> Vec<f64> {
    let inner = text.trim().trim_matches(['[', ']', '(', ')']);
    inner.split(',').filter_map(|alpha| alpha.trim().parse().ok()).take(1_000).collect()
}

/// The task, the output and the number of classes of an objective.
fn answer(objective: &str, classes: u64, targets: u64) -> (Option<Task>, TreeOutput, Option<u64>) {
    let number = if targets > 1 { TreeOutput::Numbers(targets) } else { TreeOutput::Number };
    match objective {
        // One probability for each target.
        "binary:logistic" if targets > 1 => (None, number, None),
        "binary:logistic" => (Some(Task::Binary), TreeOutput::Probability, Some(2)),
        "binary:logitraw" => (Some(Task::Binary), TreeOutput::Margin, Some(2)),
        "binary:hinge" => (Some(Task::Binary), TreeOutput::Number, Some(2)),
        "multi:softprob" => (Some(Task::Multiclass), TreeOutput::Probabilities(classes), Some(classes)),
        // The class itself.
        "multi:softmax" => (Some(Task::Multiclass), TreeOutput::Number, Some(classes)),
        "reg:logistic" if targets <= 1 => (Some(Task::Regression), TreeOutput::Probability, None),
        _ if objective.starts_with("rank:") => (Some(Task::Ranking), number, None),
        _ if ["reg:", "count:", "survival:"].iter().any(|kind| objective.starts_with(kind)) => {
            (Some(Task::Regression), number, None)
        }
        _ => (None, number, None),
    }
}
