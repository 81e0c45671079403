//! The compatibility report: every check with its outcome, and what they come to (DR-2).

use serde::{Deserialize, Serialize};

use crate::id::ModelRef;

words! {
    /// The name of a check, in the words of the contract.
    #[allow(missing_docs)] // The words say it; `CheckName::title` writes them out.
    pub enum CheckName {
        // Can it be read and trusted?
        NotAModel = "not_a_model",
        NotLoadable = "not_loadable",
        ExternalData = "external_data",
        ArtifactMissing = "artifact_missing",
        FormatUnsupported = "format_unsupported",
        UnsafeFormat = "unsafe_format",
        // The package.
        SameFile = "same_file",
        Challenger = "challenger",
        PackageKind = "package_kind",
        FormatChanged = "format_changed",
        Routes = "routes",
        SignatureAbsent = "signature_absent",
        Contradiction = "contradiction",
        MetadataLost = "metadata_lost",
        // The target.
        TargetName = "target_name",
        TargetNameUnknown = "target_name_unknown",
        TargetType = "target_type",
        Objective = "objective",
        ClassNames = "class_names",
        ClassCount = "class_count",
        ClassOrder = "class_order",
        PositiveClass = "positive_class",
        // The inputs.
        Features = "features",
        NewFeature = "new_feature",
        NewFeatureOptional = "new_feature_optional",
        InputAdded = "input_added",
        InputRemoved = "input_removed",
        InputPosition = "input_position",
        InputType = "input_type",
        InputTypeWidened = "input_type_widened",
        FeatureCategories = "feature_categories",
        InputShape = "input_shape",
        SignatureKind = "signature_kind",
        // The outputs.
        OutputNames = "output_names",
        OutputRenamed = "output_renamed",
        OutputRemoved = "output_removed",
        OutputAdded = "output_added",
        OutputPosition = "output_position",
        OutputType = "output_type",
        OutputShape = "output_shape",
        OutputSemantics = "output_semantics",
        // Time series.
        TimeSeries = "time_series",
        ForecastHorizon = "forecast_horizon",
        SeriesWindow = "series_window",
        SeriesFrequency = "series_frequency",
        SeriesSegment = "series_segment",
        PredictionInterval = "prediction_interval",
        // Parameters.
        Parameters = "parameters",
        ParamAdded = "param_added",
        ParamRemoved = "param_removed",
        ParamDefault = "param_default",
        ParamType = "param_type",
        ParamShape = "param_shape",
        // What the deployment needs.
        SegmentAttributes = "segment_attributes",
        HumilityRules = "humility_rules",
        Environment = "environment",
        // A scratch replica.
        ModelLoads = "model_loads",
        SampleRequest = "sample_request",
        Memory = "memory",
    }
}

impl CheckName {
    /// A few words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::NotAModel => "Is a model",
            Self::NotLoadable => "Can be loaded",
            Self::ExternalData => "Weights in other files",
            Self::ArtifactMissing => "Files of the package",
            Self::FormatUnsupported => "Format",
            Self::UnsafeFormat => "Safe format",
            Self::SameFile => "Another model",
            Self::Challenger => "Not a challenger",
            Self::PackageKind => "Package kind",
            Self::FormatChanged => "File format",
            Self::Routes => "Routes",
            Self::SignatureAbsent => "Signature",
            Self::Contradiction => "Signature and graph",
            Self::MetadataLost => "Properties of the file",
            Self::TargetName | Self::TargetNameUnknown => "Target name",
            Self::TargetType => "Target type",
            Self::Objective => "Objective",
            Self::ClassNames => "Class names",
            Self::ClassCount => "Number of classes",
            Self::ClassOrder => "Order of classes",
            Self::PositiveClass => "Positive class",
            Self::Features => "Features",
            Self::NewFeature => "New feature",
            Self::NewFeatureOptional => "New optional feature",
            Self::InputAdded => "New input",
            Self::InputRemoved => "Removed feature",
            Self::InputPosition => "Order of features",
            Self::InputType | Self::InputTypeWidened => "Feature types",
            Self::FeatureCategories => "Categories of features",
            Self::InputShape => "Input shapes",
            Self::SignatureKind => "Columns or tensors",
            Self::OutputNames => "Output names",
            Self::OutputRenamed => "Renamed output",
            Self::OutputRemoved => "Removed output",
            Self::OutputAdded => "New output",
            Self::OutputPosition => "Order of outputs",
            Self::OutputType => "Output types",
            Self::OutputShape => "Output shapes",
            Self::OutputSemantics => "Meaning of outputs",
            Self::TimeSeries => "Time series",
            Self::ForecastHorizon => "Forecast horizon",
            Self::SeriesWindow => "Input window",
            Self::SeriesFrequency => "Frequency",
            Self::SeriesSegment => "Segment column",
            Self::PredictionInterval => "Prediction intervals",
            Self::Parameters => "Parameters",
            Self::ParamAdded => "New parameter",
            Self::ParamRemoved => "Removed parameter",
            Self::ParamDefault => "Default of a parameter",
            Self::ParamType => "Type of a parameter",
            Self::ParamShape => "Shape of a parameter",
            Self::SegmentAttributes => "Segment attributes",
            Self::HumilityRules => "Humility rules",
            Self::Environment => "Python environment",
            Self::ModelLoads => "Loads",
            Self::SampleRequest => "Answers a sample request",
            Self::Memory => "Memory",
        }
    }
}

words! {
    /// The outcome of a check.
    pub enum Outcome {
        /// Nothing speaks against it.
        Passed = "passed",
        /// The check could not be made. Never shown as passed.
        NotVerified = "not_verified",
        /// A person should look; goes ahead only when told to.
        Warning = "warning",
        /// It must not replace the model in use.
        Failed = "failed",
    }
}

words! {
    /// The verdict of all checks.
    pub enum Verdict {
        /// No check fails or warns.
        Compatible = "compatible",
        /// It may replace the model in use after a person has looked.
        Warning = "warning",
        /// At least one check fails.
        Incompatible = "incompatible",
        /// Something that had to be known is not.
        NotVerified = "not_verified",
        /// The candidate cannot be read, loaded or trusted.
        Unreadable = "unreadable",
    }
}

impl Verdict {
    /// Its title, as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Warning => "compatible with warnings",
            Self::Incompatible => "incompatible",
            Self::NotVerified => "not verified",
            Self::Unreadable => "cannot be loaded",
        }
    }
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// The check.
    pub check: CheckName,
    /// Its outcome.
    pub outcome: Outcome,
    /// True when the verdict is *not verified* as long as this check is.
    #[serde(default)]
    pub required: bool,
    /// The finding, with both sides in it, and what to do.
    pub message: String,
    /// The side in use.
    pub current: Option<String>,
    /// The candidate's side.
    pub candidate: Option<String>,
}

/// Every check with its outcome, and what they come to (DR-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// The verdict of all checks.
    pub verdict: Verdict,
    /// The model in use; `null` when there is none yet, or none that is registered.
    #[serde(default)]
    pub current: Option<ModelRef>,
    /// The candidate; `null` when none is registered.
    #[serde(default)]
    pub candidate: Option<ModelRef>,
    /// It goes ahead only when a person has said so: something warns, or could not be verified where the deployment's
    /// check rules take that for a warning.
    #[serde(default)]
    pub needs_go_ahead: bool,
    /// The checks, in the order of the list in DR-3.
    pub checks: Vec<Check>,
}

impl Report {
    /// The report of these checks. `not_verified_warns`: what could not be verified counts as a warning.
    pub fn of(checks: Vec<Check>, not_verified_warns: bool) -> Self {
        let open = |check: &Check| {
            check.outcome == Outcome::Warning || not_verified_warns && check.outcome == Outcome::NotVerified
        };
        let needs_go_ahead = checks.iter().any(open);
        let verdict = match verdict(&checks) {
            Verdict::Compatible if needs_go_ahead => Verdict::Warning,
            verdict => verdict,
        };
        Self { verdict, current: None, candidate: None, needs_go_ahead, checks }
    }

    /// The report on a package that cannot be read, loaded or trusted: `message` says why in a sentence, `checks` in the
    /// words for it.
    pub fn unreadable(checks: &[CheckName], message: &str) -> Self {
        let line = |check: &CheckName| Check {
            check: *check,
            outcome: Outcome::Failed,
            required: true,
            message: message.to_owned(),
            current: None,
            candidate: None,
        };
        Self::of(checks.iter().map(line).collect(), false)
    }

    /// The checks with an outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.outcome == outcome)
    }

    /// True while nobody has seen the candidate load, so that nothing may look as if it were known to (DR-2).
    pub fn loading_is_open(&self) -> bool {
        let loads = self.checks.iter().find(|check| check.check == CheckName::ModelLoads);
        loads.is_some_and(|check| check.outcome == Outcome::NotVerified)
    }

    /// True when nothing may go ahead.
    pub fn blocks(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == Outcome::Failed)
    }
}

/// The verdict of checks; their order does not matter.
fn verdict(checks: &[Check]) -> Verdict {
    let has = |outcome| checks.iter().any(|check| check.outcome == outcome);
    let unreadable = |check: &Check| {
        let about_reading = check.check < CheckName::SameFile || check.check == CheckName::ModelLoads;
        check.outcome == Outcome::Failed && about_reading
    };
    if checks.iter().any(unreadable) {
        Verdict::Unreadable
    } else if has(Outcome::Failed) {
        Verdict::Incompatible
    } else if checks.iter().any(|check| check.required && check.outcome == Outcome::NotVerified) {
        Verdict::NotVerified
    } else if has(Outcome::Warning) {
        Verdict::Warning
    } else {
        Verdict::Compatible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_is_open_only_while_it_was_asked_for_and_not_seen() {
        let check = |check, outcome| Check {
            check,
            outcome,
            required: false,
            message: String::new(),
            current: None,
            candidate: None,
        };
        let open = |checks: Vec<Check>| Report::of(checks, false).loading_is_open();
        assert!(open(vec![check(CheckName::ModelLoads, Outcome::NotVerified)]));
        assert!(!open(vec![check(CheckName::ModelLoads, Outcome::Passed)]));
        assert!(!open(vec![check(CheckName::Features, Outcome::NotVerified)]));
    }
}
