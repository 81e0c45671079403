//! Lines of a script by which a person asks for an operation.

use anyhow::Context as _;
use changeover::commands::Started;
use domain::rollout::RolloutEvent;
use serde_json::{Map, Value, json};

use crate::operator::Operator;

/// Asks for what the line says; none when it is another kind of line. The answer is what the person is told.
///
/// # Errors
/// A line that nobody understands.
pub(super) fn perform(operator: &Operator, line: &str) -> anyhow::Result<Option<Told>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let answer = match words.as_slice() {
        // deploy NAME MODEL key=value…
        ["deploy", name, model, rest @ ..] => {
            let (mut configuration, strategy) = fields(rest)?;
            configuration.insert("models".to_owned(), json!([model]));
            said(operator.deploy(name, configuration.into(), strategy.into()).map(|()| None))
        }
        // update NAME key=value…
        ["update", name, rest @ ..] => {
            let (set, strategy) = fields(rest)?;
            let (set, on_top_of) = without(set, "on_top_of");
            let (set, on_failure) = without(set, "on_failure");
            let (set, quarantine_override) = without(set, "override");
            let request = json!({
                "set": set, "strategy": strategy, "on_top_of": on_top_of, "on_failure": on_failure,
                "quarantine_override": quarantine_override,
            });
            said(operator.update(name, request).map(unchanged))
        }
        // rollback NAME [TO]
        ["rollback", name, rest @ ..] => {
            let (fields, strategy) = fields(rest)?;
            let mut request: Value = fields.into();
            request["strategy"] = strategy.into();
            said(operator.roll_back(name, request).map(unchanged))
        }
        ["pause", name] => said(operator.move_rollout(name, RolloutEvent::Pause).map(|()| None)),
        ["resume", name] => said(operator.move_rollout(name, RolloutEvent::Resume).map(|()| None)),
        ["cancel", name] => said(operator.move_rollout(name, RolloutEvent::Cancel).map(|()| None)),
        ["deactivate", name] => said(operator.deactivate(name).map(|()| None)),
        // activate NAME key=value…, relaunch NAME key=value…
        ["activate", name, rest @ ..] => {
            said(operator.activate(name, json!({"strategy": fields(rest)?.1})).map(|()| None))
        }
        ["relaunch", name, rest @ ..] => {
            said(operator.relaunch(name, json!({"strategy": fields(rest)?.1})).map(|()| None))
        }
        // patch NAME on_failure=stop…
        ["patch", name, rest @ ..] => {
            let (mut changes, strategy) = fields(rest)?;
            if !strategy.is_empty() {
                changes.insert("strategy".to_owned(), strategy.into());
            }
            said(operator.patch(name, changes.into()).map(|()| None))
        }
        ["delete", name] => said(operator.delete(name).map(|()| None)),
        // quarantine NAME N, lift NAME N
        ["quarantine", name, n] => said(operator.quarantine(name, n.parse()?, true).map(|()| None)),
        ["lift", name, n] => said(operator.quarantine(name, n.parse()?, false).map(|()| None)),
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// A sentence, where there is anything to say.
type Told = Option<String>;

fn unchanged(started: Started) -> Told {
    matches!(started, Started::Unchanged).then(|| "nothing changes: equal content is in use".to_owned())
}

/// A refusal is part of the story.
fn said(answer: anyhow::Result<Told>) -> Told {
    answer.unwrap_or_else(|error| {
        Some(match error.downcast_ref::<changeover::commands::Refusal>() {
            Some(refusal) => format!("refused: {}: {refusal}", refusal.code.as_str()),
            None => format!("refused: {error}"),
        })
    })
}

const STRATEGY: [&str; 6] = [
    "max_surge",
    "max_unavailable",
    "min_ready_seconds",
    "progress_deadline_seconds",
    "total_deadline_seconds",
    "start_failures",
];

/// `key=value` words, split into the strategy's and the others.
pub(super) fn fields(words: &[&str]) -> anyhow::Result<(Map<String, Value>, Map<String, Value>)> {
    let (mut others, mut strategy) = (Map::new(), Map::new());
    for word in words {
        let (key, text) = word.split_once('=').with_context(|| format!("{word} is no key=value"))?;
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        let value = if key == "models" { json!([value]) } else { value };
        let map = if STRATEGY.contains(&key) { &mut strategy } else { &mut others };
        map.insert(key.to_owned(), value);
    }
    Ok((others, strategy))
}

fn without(mut fields: Map<String, Value>, key: &str) -> (Map<String, Value>, Value) {
    let value = fields.remove(key).unwrap_or_default();
    (fields, value)
}
