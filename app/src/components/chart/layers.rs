//! How those who answered are called and drawn: the newest revision in the accent's colour, older ones in grey.

use std::collections::BTreeMap;

use domain::id::RevisionNumber;

use super::drawing::NumberRow;
use super::gathered::{Gathered, Layer, Sum, Whose};

/// What revisions are called, as in *v3 (revision 5)*.
pub(crate) type RevisionLabels = BTreeMap<RevisionNumber, String>;

/// The name of one of those who answered.
pub(super) fn label(whose: Whose, labels: &RevisionLabels) -> String {
    match whose {
        Whose::Older => "older revisions".to_owned(),
        Whose::Revision(number) => labels.get(&number).cloned().unwrap_or_else(|| format!("revision {number}")),
        Whose::NoReplica => "reached no replica".to_owned(),
    }
}

/// The class of each layer of `gathered`: `new`, `old age-1` and so on, and `nobody`.
pub(super) fn classes(gathered: &Gathered) -> Vec<String> {
    let revisions = gathered.layers.iter().filter(|layer| layer.whose != Whose::NoReplica).count();
    let class = |(place, layer): (usize, &Layer)| match (layer.whose, revisions.saturating_sub(place + 1)) {
        (Whose::NoReplica, _) => "nobody".to_owned(),
        (Whose::Revision(_), 0) => "new".to_owned(),
        (_, age) => format!("old age-{}", age.max(1)),
    };
    gathered.layers.iter().enumerate().map(class).collect()
}

/// The numbers of each layer, the newest first, with `tell` making the texts of a bucket from its requests.
pub(super) fn rows(
    gathered: &Gathered,
    labels: &RevisionLabels,
    tell: impl Fn(usize, &Sum) -> Vec<String>,
) -> Vec<NumberRow> {
    let row = |layer: &Layer| NumberRow {
        label: label(layer.whose, labels),
        cells: layer.sums.iter().enumerate().map(|(bucket, sum)| tell(bucket, sum)).collect(),
    };
    gathered.layers.iter().rev().map(row).collect()
}

/// The numbers of all together.
pub(super) fn row_of_all(gathered: &Gathered, tell: impl Fn(usize, &Sum) -> Vec<String>) -> NumberRow {
    let cells = (0..gathered.buckets.count).map(|bucket| tell(bucket, &gathered.all(bucket))).collect();
    NumberRow { label: "all".to_owned(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_revision_stands_out() {
        let layer = |whose| Layer { whose, sums: Vec::new() };
        let revision = |number| Whose::Revision(RevisionNumber(number));
        let drawn = |whose: &[Whose]| {
            classes(&Gathered { layers: whose.iter().copied().map(layer).collect(), ..Gathered::default() })
        };
        assert_eq!(drawn(&[revision(1)]), ["new"]);
        assert_eq!(drawn(&[revision(1), revision(4), Whose::NoReplica]), ["old age-1", "new", "nobody"]);
        assert_eq!(drawn(&[Whose::Older, revision(6), revision(7)]), ["old age-2", "old age-1", "new"]);
        assert_eq!(drawn(&[Whose::NoReplica]), ["nobody"]);
    }

    #[test]
    fn a_revision_is_called_by_its_model_where_that_is_known() {
        let labels = RevisionLabels::from([(RevisionNumber(5), "v3 (revision 5)".to_owned())]);
        let called = [5, 6].map(|number| label(Whose::Revision(RevisionNumber(number)), &labels));
        assert_eq!(called, ["v3 (revision 5)", "revision 6"]);
    }
}
