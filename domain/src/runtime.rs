//! The runtimes that run models.

words! {
    /// The runtime of a model.
    #[derive(Default)]
    pub enum Runtime {
        /// The built-in one: ONNX Runtime behind the Open Inference Protocol.
        #[default]
        Onnx = "onnx",
        /// Any program that answers a health route.
        Command = "command",
        /// `mlflow models serve`, in an environment made from the model's own requirements.
        Mlflow = "mlflow",
        /// The tree runtime: LightGBM and XGBoost files behind the Open Inference Protocol.
        Trees = "trees",
        /// The command that a custom package brings along.
        Custom = "custom",
        /// Nothing runs here: the model answers elsewhere and is watched.
        External = "external",
    }
}

impl Runtime {
    /// The protocol by which it is called: requests for one are not understood by another.
    pub fn protocol(self) -> &'static str {
        match self {
            Self::Onnx | Self::Trees => "Open Inference Protocol",
            Self::Mlflow => "MLflow scoring",
            Self::Command | Self::Custom => "the program's own",
            Self::External => "none here",
        }
    }
}
