//! Is the candidate another file, of a kind that may replace this one, and does it say as much of itself?

use super::line::line;
use crate::compat::facts::{interval_outputs, only_numbers, says_task};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{ClassSource, Part, Signature, Tried};

/// By digest (DR-3, *not the model already in use*). Equal bytes are no harm by themselves: nothing would change.
pub(super) fn same_file(pair: &Pair<'_>) -> Vec<Check> {
    let (current, candidate) = (pair.current, pair.candidate);
    let (a, b) = (pair.old_name(), pair.new_name());
    let alike = current.custom == candidate.custom && current.signature == candidate.signature;
    let message = match (current.digest == candidate.digest, candidate.kind.managed()) {
        (true, true) if alike => format!("{b} is byte for byte {a}: nothing would change."),
        (true, true) => format!(
            "The files of {b} are byte for byte those of {a}. What differs is how they are run, or what a person declared of them."
        ),
        (true, false) => format!("{b} runs where {a} does, and the same was declared of it: nothing would change."),
        (false, true) => format!("{b} is another file than {a}."),
        (false, false) => format!("{b} runs elsewhere than {a}, or something else was declared of it."),
    };
    let short = |digest: &crate::id::Digest| digest.as_str().chars().take(12).collect::<String>();
    let (old, new) = (short(pair.current.digest), short(pair.candidate.digest));
    vec![line(CheckName::SameFile, Outcome::Passed, message).sides(old, new)]
}

/// A managed package replaces a managed one, an external an external one (DR-4).
pub(super) fn kind(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = (pair.current.kind, pair.candidate.kind);
    let who = |managed| if managed { "is run by Changeover" } else { "runs elsewhere and is only watched" };
    let check = if old.managed() == new.managed() {
        let both =
            if old.managed() { "Both are run by Changeover." } else { "Both run elsewhere and are only watched." };
        line(CheckName::PackageKind, Outcome::Passed, both)
    } else {
        let message = format!(
            "{} {} and {} {}. Each kind replaces only its own: make a deployment of its own for {}.",
            pair.old_name(),
            who(old.managed()),
            pair.new_name(),
            who(new.managed()),
            pair.new_name()
        );
        line(CheckName::PackageKind, Outcome::Failed, message)
    };
    vec![check.sides(old.title(), new.title())]
}

/// Another format of the same family is the same model for its callers; another family is called in another way.
pub(super) fn format(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if old.format == new.format || !pair.current.kind.managed() || !pair.candidate.kind.managed() {
        return Vec::new();
    }
    let names = (old.format.title(), new.format.title());
    let sides = |check: Check| vec![check.sides(names.0, names.1)];
    if pair.current.kind == pair.candidate.kind {
        let message = format!("The file was {} and is {}: callers do not notice.", names.0, names.1);
        return sides(line(CheckName::FormatChanged, Outcome::Passed, message));
    }
    if pair.current.runtime == pair.candidate.runtime {
        let message = format!(
            "The file was {} and is {}. They are called in the same way; compare some answers before going ahead.",
            names.0, names.1
        );
        return sides(line(CheckName::FormatChanged, Outcome::Warning, message));
    }
    let message = format!(
        "{} is {}, served by the runtime {}, and {} is {}, served by {}: requests are written differently. Deploy it under another name and move the callers.",
        pair.old_name(),
        names.0,
        pair.current.runtime.as_str(),
        pair.new_name(),
        names.1,
        pair.candidate.runtime.as_str()
    );
    sides(line(CheckName::FormatChanged, Outcome::Failed, message))
}

/// Without a signature nothing can be compared, and that is said.
pub(super) fn signature(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let lacking: Vec<String> = [(pair.old_name(), old), (pair.new_name(), new)]
        .into_iter()
        .filter(|(_, s)| s.absent)
        .map(|(name, _)| name)
        .collect();
    let has = |signature: &Signature| if signature.absent { "no signature" } else { "has a signature" };
    if lacking.is_empty() {
        let message = "Both packages state their inputs and outputs.";
        return vec![line(CheckName::SignatureAbsent, Outcome::Passed, message).sides(has(old), has(new))];
    }
    let message = format!(
        "{} {}, so features and outputs cannot be compared. Declare the signature when registering it, or save it with one.",
        lacking.join(" and "),
        if lacking.len() > 1 {
            "do not state their inputs and outputs"
        } else {
            "does not state its inputs and outputs"
        }
    );
    vec![line(CheckName::SignatureAbsent, Outcome::NotVerified, message).must_be_known().sides(has(old), has(new))]
}

/// The outcome of its first load, when it was registered. A scratch replica shows it again, where there is one.
pub(super) fn loads(pair: &Pair<'_>) -> Vec<Check> {
    let name = pair.new_name();
    match pair.candidate.loads {
        Some(Tried::Worked) => vec![line(CheckName::ModelLoads, Outcome::Passed, loaded(&name))],
        Some(Tried::Failed { problem }) => {
            let message = format!("{} Export it again, or run it as a custom package.", not_loaded(&name, problem));
            vec![line(CheckName::ModelLoads, Outcome::Failed, message)]
        }
        Some(Tried::GuessRefused { .. } | Tried::NotTried { .. }) | None => Vec::new(),
    }
}

pub(super) fn loaded(name: &str) -> String {
    format!("{name} was loaded once when it was registered.")
}

pub(super) fn not_loaded(name: &str, problem: &str) -> String {
    format!("{name} could not be loaded when it was registered: {}.", problem.trim_end_matches('.'))
}

/// The facts that properties of the file in use say and those of the candidate's do not: a person should know that
/// nobody checks them any more.
pub(super) fn metadata(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if Family::of(old) != Family::of(new) {
        return Vec::new();
    }
    let mut lost = Vec::new();
    let mut gone = |there: bool, word| {
        if there {
            lost.push(word);
        }
    };
    gone(old.features.is_some() && new.features.is_none() && new.inputs.len() == 1, "the names of the features");
    gone(old.target.name.is_some() && new.target.name.is_none(), "the target's name");
    let labels_in_metadata = old.class_titles.is_some()
        || old.classes.is_some()
            && (old.class_source == Some(ClassSource::Metadata) || old.declared.contains(&Part::Classes));
    let named = new.classes.is_some() && !only_numbers(new);
    gone(labels_in_metadata && !named, "the class names");
    gone(old.series.is_some() && new.series.is_none() && !says_task(new), "that it is a time series");
    let intervals_lost = !interval_outputs(old).is_empty() && interval_outputs(new).is_empty();
    gone(
        !intervals_lost && old.interval_level.is_some() && new.interval_level.is_none(),
        "the level of its prediction intervals",
    );
    gone(says_task(old) && old.target.task.is_some() && new.target.task.is_none(), "what kind of answer it gives");
    if lost.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "{} says {} and {} does not, so that can no longer be checked. Write it into the file again, or declare it when registering it.",
        pair.old_name(),
        lost.join(", "),
        pair.new_name()
    );
    vec![line(CheckName::MetadataLost, Outcome::Warning, message).sides(lost.join(", "), "not stated")]
}
