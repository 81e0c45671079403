//! Nodes of a graph that matter for the names and meanings of its outputs.

/// The labels and values in an attribute list.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// Of a classifier or ZipMap: whichever of its attributes is filled.
    pub(super) classes: Vec<String>,
    /// The values that a LabelEncoder takes.
    pub(super) keys: Vec<String>,
    /// The values that a LabelEncoder makes of them.
    pub(super) values: Vec<String>,
    /// The words that a Constant holds.
    pub(super) constant: Vec<String>,
    /// The function that a classifier applies to its scores: `NONE`, `SOFTMAX`, `LOGISTIC`, …
    pub(super) post_transform: String,
    /// A support vector machine with its own way to probabilities.
    pub(super) calibrated: bool,
}

impl Attributes {
    /// The list that the attribute `name` fills; none when it holds no labels.
    pub(super) fn list(&mut self, name: &str) -> Option<&mut Vec<String>> {
        match name {
            "classlabels_strings" | "classlabels_int64s" | "classlabels_ints" | "classes_strings" => {
                Some(&mut self.classes)
            }
            "keys_strings" | "keys_int64s" | "keys_tensor" => Some(&mut self.keys),
            "values_strings" | "values_int64s" | "values_tensor" => Some(&mut self.values),
            "value" | "value_strings" => Some(&mut self.constant),
            _ => None,
        }
    }
}

/// A node that matters.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) operator: Operator,
    /// The first of them; no operator here needs more.
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) attributes: Attributes,
}

/// The effect of a node, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// Gives shares: the probability of each class by the leaves that are reached.
    TreeClassifier,
    /// Gives the scores of a decision function.
    ScoreClassifier,
    /// Gives labels; of its scores nothing is known.
    OtherClassifier,
    ZipMap,
    LabelEncoder,
    ArrayFeatureExtractor,
    /// Looks something up in a table.
    Gather,
    /// Casts or reshapes.
    PassOn,
    /// Moves or repeats elements: what they mean stays, which is which does not.
    Rearrange,
    Softmax,
    LogSoftmax,
    Sigmoid,
    /// Gives numbers of which none is a probability.
    Unbounded,
    Normalizer,
    Regressor,
    /// Gemm, MatMul.
    Product,
    Add,
    Sub,
    Exp,
    ReduceSum,
    ReduceLogSumExp,
    Div,
}

/// Most inputs and outputs of a node that are kept.
pub(super) const MOST: usize = 2;

impl Node {
    /// The node, if it matters.
    pub(super) fn new(
        operator: &str,
        inputs: Vec<String>,
        outputs: Vec<String>,
        attributes: Attributes,
    ) -> Option<Self> {
        let operator = match operator {
            "ZipMap" => Operator::ZipMap,
            "LabelEncoder" => Operator::LabelEncoder,
            "ArrayFeatureExtractor" => Operator::ArrayFeatureExtractor,
            "Gather" => Operator::Gather,
            "Identity" | "Cast" | "Reshape" | "Squeeze" | "Unsqueeze" | "Flatten" => Operator::PassOn,
            "Transpose" | "Expand" => Operator::Rearrange,
            "Softmax" => Operator::Softmax,
            "LogSoftmax" => Operator::LogSoftmax,
            "Sigmoid" | "HardSigmoid" => Operator::Sigmoid,
            "Relu" | "LeakyRelu" | "PRelu" | "Elu" | "Selu" | "Celu" | "Gelu" | "Softplus" | "Softsign" | "Tanh"
            | "Log" => Operator::Unbounded,
            "Normalizer" => Operator::Normalizer,
            "LinearRegressor" | "SVMRegressor" | "TreeEnsembleRegressor" => Operator::Regressor,
            "Gemm" | "MatMul" => Operator::Product,
            "Add" => Operator::Add,
            "Sub" => Operator::Sub,
            "Exp" => Operator::Exp,
            "ReduceSum" => Operator::ReduceSum,
            "ReduceLogSumExp" => Operator::ReduceLogSumExp,
            "Div" => Operator::Div,
            _ if attributes.classes.is_empty() => return None,
            "TreeEnsembleClassifier" => Operator::TreeClassifier,
            "LinearClassifier" | "SVMClassifier" => Operator::ScoreClassifier,
            // An operator that is not known here.
            _ => Operator::OtherClassifier,
        };
        Some(Self { operator, inputs, outputs, attributes })
    }

    /// Its first input.
    pub(super) fn input(&self) -> &str {
        self.inputs.first().map_or("", String::as_str)
    }

    /// Bytes that keeping it costs.
    pub(super) fn size(&self) -> usize {
        let names = self.inputs.iter().chain(&self.outputs);
        names.map(|name| name.len() + size_of::<String>()).sum::<usize>() + size_of::<Self>()
    }
}
