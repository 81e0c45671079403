//! Packages as conda names them, as far as pip has them too.

use super::grammar::is_package;

/// Packages that have the same name for both.
const SAME: &[&str] = &[
    "absl-py",
    "accelerate",
    "aiohttp",
    "alembic",
    "altair",
    "anyio",
    "astropy",
    "attrs",
    "autogluon",
    "beautifulsoup4",
    "bokeh",
    "boto3",
    "botocore",
    "bottleneck",
    "cachetools",
    "catboost",
    "category_encoders",
    "cattrs",
    "certifi",
    "cffi",
    "charset-normalizer",
    "click",
    "cloudpickle",
    "colorama",
    "contourpy",
    "cryptography",
    "cycler",
    "cython",
    "dask",
    "databricks-sdk",
    "dateparser",
    "datasets",
    "dill",
    "distributed",
    "econml",
    "entrypoints",
    "evaluate",
    "fastapi",
    "fastparquet",
    "filelock",
    "flaml",
    "flask",
    "flax",
    "fsspec",
    "gensim",
    "geopandas",
    "gitpython",
    "graphene",
    "greenlet",
    "gunicorn",
    "h5py",
    "hdbscan",
    "holidays",
    "httpx",
    "huggingface_hub",
    "hyperopt",
    "idna",
    "imbalanced-learn",
    "importlib-metadata",
    "importlib_metadata",
    "ipykernel",
    "ipython",
    "jax",
    "jinja2",
    "joblib",
    "jsonschema",
    "keras",
    "kiwisolver",
    "langchain",
    "lightgbm",
    "lightning",
    "lime",
    "llvmlite",
    "lxml",
    "mako",
    "markdown",
    "markupsafe",
    "matplotlib",
    "mlflow",
    "mlflow-skinny",
    "mlxtend",
    "more-itertools",
    "mpmath",
    "msgpack",
    "multiprocess",
    "networkx",
    "ngboost",
    "nltk",
    "numba",
    "numexpr",
    "numpy",
    "onnx",
    "onnxruntime",
    "openai",
    "openpyxl",
    "optuna",
    "orjson",
    "packaging",
    "pandas",
    "pandera",
    "patsy",
    "pillow",
    "platformdirs",
    "plotly",
    "pmdarima",
    "polars",
    "prophet",
    "protobuf",
    "psutil",
    "psycopg2",
    "pyarrow",
    "pycaret",
    "pydantic",
    "pydantic-core",
    "pygments",
    "pymc",
    "pyod",
    "pyparsing",
    "pyspark",
    "python-dateutil",
    "python-dotenv",
    "pytorch-lightning",
    "pytorch-tabnet",
    "pytz",
    "pywavelets",
    "pyyaml",
    "pyzmq",
    "querystring_parser",
    "rapidfuzz",
    "ray",
    "regex",
    "requests",
    "ruamel.yaml",
    "s3fs",
    "safetensors",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "seaborn",
    "sentence-transformers",
    "sentencepiece",
    "setuptools",
    "shap",
    "simplejson",
    "six",
    "sktime",
    "slicer",
    "spacy",
    "sqlalchemy",
    "sqlparse",
    "statsforecast",
    "statsmodels",
    "sympy",
    "tabulate",
    "tenacity",
    "tensorboard",
    "tensorflow",
    "textblob",
    "threadpoolctl",
    "tiktoken",
    "timm",
    "tokenizers",
    "toolz",
    "torchmetrics",
    "torchvision",
    "tqdm",
    "transformers",
    "tsfresh",
    "typing-extensions",
    "tzdata",
    "umap-learn",
    "urllib3",
    "uvicorn",
    "websocket-client",
    "werkzeug",
    "wheel",
    "xarray",
    "xgboost",
    "xlrd",
    "yellowbrick",
    "zipp",
];
/// Packages that pip calls otherwise.
const RENAMED: &[(&str, &str)] = &[
    ("dask-core", "dask"),
    ("docker-py", "docker"),
    ("matplotlib-base", "matplotlib"),
    ("msgpack-python", "msgpack"),
    ("opencv", "opencv-python"),
    ("py-lightgbm", "lightgbm"),
    ("py-opencv", "opencv-python"),
    ("py-xgboost", "xgboost"),
    ("py-xgboost-cpu", "xgboost"),
    ("pytables", "tables"),
    ("python-graphviz", "graphviz"),
    ("python-tzdata", "tzdata"),
    ("pytorch", "torch"),
    ("pytorch-cpu", "torch"),
    ("pytorch-gpu", "torch"),
    ("ruamel_yaml", "ruamel.yaml"),
    ("seaborn-base", "seaborn"),
    ("tensorflow-base", "tensorflow"),
    ("tensorflow-cpu", "tensorflow"),
    ("typing_extensions", "typing-extensions"),
    ("xgboost-cpu", "xgboost"),
];

/// The requirement that one package of a conda environment comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CondaPackage {
    /// Python itself, with what is asked of its version; empty where any does.
    Python(String),
    /// The installer: it installs, and is not installed.
    Pip,
    /// A line for pip, and the build that was asked for beside the version, which pip does not know.
    Line(String, Option<String>),
    /// Nothing that pip has.
    LeftOut,
}

/// The requirement that `text` comes to: `python=3.8.18`, `conda-forge::scikit-learn=1.3.0=py38_0`, `pandas >=2,<3`.
pub fn conda(text: &str) -> CondaPackage {
    let text = text.trim();
    let text = text.rsplit_once("::").map_or(text, |(_, package)| package).trim();
    let ends = text.find([' ', '=', '<', '>', '!', '~']).unwrap_or(text.len());
    let (name, rest) = text.split_at(ends);
    let name = name.to_ascii_lowercase();
    let Some((versions, build)) = versions(rest.trim()) else { return CondaPackage::LeftOut };
    if name == "python" {
        return CondaPackage::Python(versions);
    }
    if name == "pip" {
        return CondaPackage::Pip;
    }
    let renamed = RENAMED.iter().find(|(conda, _)| *conda == name).map(|(_, pip)| *pip);
    let same = || SAME.iter().find(|same| **same == name).copied();
    match renamed.or_else(same).map(|pip| format!("{pip}{versions}")) {
        Some(line) if is_package(&line) => CondaPackage::Line(line, build),
        _ => CondaPackage::LeftOut,
    }
}

/// Versions as pip writes them, and the build; none when pip has no words for them.
fn versions(text: &str) -> Option<(String, Option<String>)> {
    if text.is_empty() || text == "*" {
        return Some((String::new(), None));
    }
    // `1.3`, `=1.3`, `==1.3`, each with a build behind another blank or `=`.
    let bare = text.trim_start_matches('=').trim();
    let exact = text.starts_with("==");
    if text.starts_with('=') || text.starts_with(|c: char| c.is_ascii_digit()) {
        let (version, build) = match bare.split_once(['=', ' ']) {
            Some((version, build)) => (version, Some(build.trim().to_owned()).filter(|build| build != "*")),
            None => (bare, None),
        };
        let (list, build) = if version.contains(',') { (bare, None) } else { (version, build) };
        if let Some((first, others)) = list.split_once(',') {
            let first = single(first, exact)?;
            return Some((format!("{first},{}", clauses(others)?), build));
        }
        // With a build behind it, or after a blank, a version is the whole version.
        let whole = exact || build.is_some() || !text.starts_with('=');
        return Some((single(version, whole)?, build));
    }
    Some((clauses(text)?, None))
}

fn single(version: &str, whole: bool) -> Option<String> {
    let version = version.trim();
    let is_version =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._+!".contains(c));
    if let Some(start) = version.strip_suffix('*') {
        let start = start.trim_end_matches('.');
        return is_version(start).then(|| format!("=={start}.*"));
    }
    // Nothing comes below a version before a release, or one of a build.
    let whole = whole || version.chars().any(|c| !c.is_ascii_digit() && c != '.');
    is_version(version).then(|| if whole { format!("=={version}") } else { format!("=={version}.*") })
}

fn clauses(text: &str) -> Option<String> {
    let clause = |clause: &str| {
        let clause = clause.trim();
        let version = clause.trim_start_matches(['<', '>', '=', '!', '~']).trim();
        let sign = clause[..clause.len() - version.len()].trim();
        match sign {
            "" | "=" | "==" => single(version, sign != "="),
            "<" | "<=" | ">" | ">=" | "~=" => {
                let version = version.trim_end_matches('*').trim_end_matches('.');
                single(version, true).map(|exact| format!("{sign}{}", &exact[2..]))
            }
            "!=" => single(version, true).map(|exact| format!("!={}", &exact[2..])),
            _ => None,
        }
    };
    text.split(',').map(clause).collect::<Option<Vec<_>>>().map(|clauses| clauses.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_conda_become_lines_of_pip_where_both_have_them() {
        let line = |line: &str| CondaPackage::Line(line.to_owned(), None);
        for (text, package) in [
            ("scikit-learn=1.3", line("scikit-learn==1.3.*")),
            ("scikit-learn==1.3.0", line("scikit-learn==1.3.0")),
            ("conda-forge::pandas>=2.0,<3", line("pandas>=2.0,<3")),
            ("pandas 2.1.*", line("pandas==2.1.*")),
            ("pandas 2.1.4", line("pandas==2.1.4")),
            ("pandas=2.1.*", line("pandas==2.1.*")),
            ("numpy !=1.2.*", line("numpy!=1.2.*")),
            ("numpy >=1.2.*", line("numpy>=1.2")),
            ("numpy", line("numpy")),
            ("Pytorch=1.10", line("torch==1.10.*")),
            ("numpy=1.21,<2", line("numpy==1.21.*,<2")),
            ("setuptools<70", line("setuptools<70")),
            ("pip<=23.3", CondaPackage::Pip),
            ("python=3.8.18", CondaPackage::Python("==3.8.18.*".to_owned())),
            ("python>=3.8,<3.10", CondaPackage::Python(">=3.8,<3.10".to_owned())),
            ("python", CondaPackage::Python(String::new())),
            ("cudatoolkit=11.3", CondaPackage::LeftOut),
            ("r-base", CondaPackage::LeftOut),
            ("pytorch=2.0.0rc1", line("torch==2.0.0rc1")),
            ("pytorch=1.0+cu118", line("torch==1.0+cu118")),
            ("numpy<2.0a0", line("numpy<2.0a0")),
            ("numpy=1.0_x", CondaPackage::LeftOut),
            ("numpy>=1.0+cpu", CondaPackage::LeftOut),
            ("numpy >=1.2|<1", CondaPackage::LeftOut),
            ("numpy[version='>=1']", CondaPackage::LeftOut),
        ] {
            if let CondaPackage::Line(line, _) = &package {
                assert!(matches!(crate::python::line(line), crate::python::RequirementLine::Package { .. }), "{line}");
            }
            assert_eq!(conda(text), package, "{text}");
        }
        let built = CondaPackage::Line("torch==1.10.0".to_owned(), Some("py3.8_cuda11.3_0".to_owned()));
        assert_eq!(conda("pytorch=1.10.0=py3.8_cuda11.3_0"), built);
        assert_eq!(conda("pytorch 1.10.0 py3.8_cuda11.3_0"), built);
    }

    #[test]
    fn every_line_of_the_table_is_one_that_pip_understands() {
        for name in SAME.iter().chain(RENAMED.iter().map(|(_, pip)| pip)) {
            assert!(matches!(crate::python::line(name), crate::python::RequirementLine::Package { .. }), "{name}");
        }
    }
}
