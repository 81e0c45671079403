//! The gateway's receipt beside what the client itself counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::live::Answer;

/// The client's own count of its requests.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) answered: u64,
    pub(super) failed: u64,
    by_revision: BTreeMap<u32, u64>,
    first_failure: Option<String>,
}

impl Count {
    pub(super) fn of(answers: &[Answer]) -> Self {
        let mut count = Self::default();
        for answer in answers {
            match &answer.failure {
                None => count.answered += 1,
                Some(failure) => {
                    count.failed += 1;
                    count.first_failure.get_or_insert_with(|| failure.clone());
                }
            }
            if let Some(revision) = answer.revision {
                *count.by_revision.entry(revision).or_default() += 1;
            }
        }
        count
    }

    pub(super) fn sentence(&self) -> String {
        let why = self.first_failure.as_ref().map(|failure| format!(", the first because {failure}"));
        format!("{} answered, {} failed{}", self.answered, self.failed, why.unwrap_or_default())
    }
}

/// A table of both counts. They differ by the requests in flight at both ends, which only one of the two saw.
pub(super) fn beside(receipt: &Value, client: &Count) -> String {
    let mut rows = vec![
        ("answered".to_owned(), number(receipt, "answered"), client.answered.to_string()),
        ("failed".to_owned(), number(receipt, "failed"), client.failed.to_string()),
        ("retried".to_owned(), number(receipt, "retried"), String::new()),
        ("drained".to_owned(), number(receipt, "drained"), String::new()),
        ("longest drain, ms".to_owned(), number(receipt, "longest_drain_ms"), String::new()),
    ];
    for (revision, part) in receipt["by_revision"].as_object().into_iter().flatten() {
        let seen = revision.parse().ok().and_then(|revision: u32| client.by_revision.get(&revision)).copied();
        let name = format!("answered by revision {revision}");
        rows.push((name, number(part, "answered"), seen.unwrap_or_default().to_string()));
    }
    let mut table = format!("   {:<24} {:>12} {:>12}\n", "", "the receipt", "this client");
    for (name, gateway, client) in rows {
        let _ = writeln!(table, "   {:<24} {:>12} {:>12}", name, gateway, client);
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().trim_end().to_owned()
}

fn number(receipt: &Value, name: &str) -> String {
    receipt[name].as_u64().map_or_else(|| "?".to_owned(), |count| count.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn answer(revision: u32, failure: Option<&str>) -> Answer {
        Answer { latency: Duration::ZERO, revision: Some(revision), failure: failure.map(str::to_owned) }
    }

    #[test]
    fn both_counts_stand_side_by_side() {
        let count = Count::of(&[answer(1, None), answer(2, None), answer(2, None)]);
        let receipt = json!({
            "answered": 4, "failed": 0, "retried": 0, "drained": 5, "longest_drain_ms": 3,
            "by_revision": {"1": {"answered": 2}, "2": {"answered": 2}},
        });
        let table = beside(&receipt, &count);
        assert!(table.contains("   answered                            4            3\n"), "{table}");
        assert!(table.contains("   drained                             5\n"), "{table}");
        assert!(table.ends_with("   answered by revision 2              2            2"), "{table}");
    }

    #[test]
    fn the_first_failure_is_told() {
        let count = Count::of(&[answer(1, Some("answered 503")), answer(1, Some("other"))]);
        assert_eq!(count.sentence(), "0 answered, 2 failed, the first because answered 503");
    }
}
