//! The quantity that a model's numbers estimate, by the objective that it was trained for.

use crate::model::Signature;

/// The quantity that is estimated.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Estimate {
    /// A value somewhere in the middle of those that may come, each in its own sense.
    Middle(&'static str),
    /// The value that so great a share of all values stays below; no share when the file does not say which.
    Quantile(Vec<f64>),
    /// A share between 0 and 1.
    Probability(&'static str),
    /// A number that is read in a way of its own.
    Own(&'static str),
    /// Numbers of which only the order counts.
    Order(&'static str),
    /// An objective that is not known here.
    Unheard,
}

/// The effect of a change from one to another on whoever reads the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EstimateFit {
    Same,
    /// The estimates are of the same kind: a person should look.
    Close,
    Misread,
    /// One side does not say which quantile.
    Unknown,
}

impl Estimate {
    /// The estimate of an objective in the words of LightGBM, XGBoost or scikit-learn, and of the quantiles that the
    /// file states.
    pub(super) fn of(objective: &str, alphas: &[f64]) -> Self {
        let lower = objective.trim().to_ascii_lowercase();
        let mut words = lower.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        match name {
            "regression" | "regression_l2" | "l2" if words.any(|word| word == "sqrt") => {
                Self::Middle("the mean of roots, squared")
            }
            "regression"
            | "regression_l2"
            | "l2"
            | "mean_squared_error"
            | "mse"
            | "squared_error"
            | "l2_root"
            | "root_mean_squared_error"
            | "rmse"
            | "reg:squarederror"
            | "reg:linear" => Self::Middle("the mean"),
            "reg:squaredlogerror" => Self::Middle("the mean of logarithms, brought back"),
            "regression_l1" | "l1" | "mean_absolute_error" | "mae" | "absolute_error" | "reg:absoluteerror" => {
                Self::Quantile(vec![0.5])
            }
            "mape" | "mean_absolute_percentage_error" => Self::Middle("a median that heeds small values more"),
            "huber" | "fair" | "reg:pseudohubererror" => Self::Middle("a mean that heeds outliers less"),
            "poisson" | "count:poisson" => Self::Middle("the mean of a count"),
            "gamma" | "reg:gamma" => Self::Middle("the mean of amounts above 0"),
            "tweedie" | "reg:tweedie" => Self::Middle("the mean of amounts that are often 0"),
            "quantile" | "reg:quantileerror" | "pinball" => Self::Quantile(alphas.to_vec()),
            "binary" | "binary:logistic" | "logloss" | "log_loss" => Self::Probability("the probability of a class"),
            "reg:logistic" | "cross_entropy" | "xentropy" => Self::Probability("a share"),
            "multiclass" | "softmax" | "multi:softprob" => Self::Probability("the shares of all classes"),
            "multiclassova" | "multiclass_ova" | "ova" | "ovr" => {
                Self::Probability("the probability of each class against the others")
            }
            "cross_entropy_lambda" | "xentlambda" => Self::Own("the intensity of a share"),
            "binary:logitraw" => Self::Own("the logarithm of odds"),
            "binary:hinge" | "multi:softmax" => Self::Own("a class"),
            "survival:cox" => Self::Own("a hazard ratio"),
            "survival:aft" => Self::Own("a time"),
            "lambdarank" | "rank:ndcg" => Self::Order("a rank's score by NDCG"),
            "rank_xendcg" => Self::Order("a rank's score by cross-entropy"),
            "rank:pairwise" => Self::Order("a rank's score by pairs"),
            "rank:map" => Self::Order("a rank's score by average precision"),
            _ => Self::Unheard,
        }
    }

    /// The title that people read; `objective` is the file's own word.
    pub(super) fn title(&self, objective: &str) -> String {
        match self {
            Self::Middle(title) | Self::Probability(title) | Self::Own(title) | Self::Order(title) => {
                (*title).to_owned()
            }
            Self::Quantile(alphas) => match alphas.as_slice() {
                [] => "a quantile".to_owned(),
                [median] if is(*median, 0.5) => "the median".to_owned(),
                alphas => {
                    let alphas: Vec<String> = alphas.iter().take(12).map(f64::to_string).collect();
                    format!("the quantile {}", alphas.join(", "))
                }
            },
            Self::Unheard => format!("what {} estimates", super::line::word(objective)),
        }
    }

    /// The effect of reading the other for this one.
    pub(super) fn fit(&self, other: &Self) -> EstimateFit {
        let median = |alphas: &[f64]| matches!(alphas, [alpha] if is(*alpha, 0.5));
        match (self, other) {
            (Self::Quantile(a), Self::Quantile(b)) if a.is_empty() || b.is_empty() => EstimateFit::Unknown,
            (Self::Quantile(a), Self::Quantile(b)) => {
                let same = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is(*a, *b));
                if same { EstimateFit::Same } else { EstimateFit::Misread }
            }
            (Self::Middle(_), Self::Quantile(alphas)) | (Self::Quantile(alphas), Self::Middle(_)) => match alphas {
                alphas if median(alphas) => EstimateFit::Close,
                alphas if alphas.is_empty() => EstimateFit::Unknown,
                _ => EstimateFit::Misread,
            },
            (a, b) if a == b => EstimateFit::Same,
            (Self::Middle(_), Self::Middle(_))
            | (Self::Probability(_), Self::Probability(_))
            | (Self::Order(_), Self::Order(_))
            | (Self::Unheard, _)
            | (_, Self::Unheard) => EstimateFit::Close,
            _ => EstimateFit::Misread,
        }
    }
}

/// Files keep quantiles with the precision of a float.
fn is(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

/// The quantiles that a file states: `0.9`, `[0.1, 0.5, 0.9]`.
pub(super) fn alphas(signature: &Signature) -> Vec<f64> {
    let stated = ["quantile_alpha", "quantile", "quantiles"].iter().find_map(|key| signature.metadata.get(*key));
    let text = stated.map(String::as_str).unwrap_or_default().trim().trim_matches(['[', ']', '(', ')']);
    text.split(',').filter_map(|alpha| alpha.trim().parse().ok()).take(1_000).collect()
}
