//! One Open Inference Protocol request that fits a model, made from the model's own metadata.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use serde_json::{Value, json};

/// Measurements of an iris flower: sepal length and width, petal length and width, in centimetres.
const FLOWER: [f64; 4] = [5.1, 3.5, 1.4, 0.2];

/// A request: its path, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Inference {
    /// The path below a deployment's URL.
    pub(crate) path: String,
    /// The JSON body.
    pub(crate) body: Bytes,
}

impl Inference {
    /// Asks the deployment at `url` what its model takes, and makes a request of that.
    pub(crate) async fn for_model(url: &str, model: &str) -> Result<Self> {
        let path = format!("/v2/models/{model}");
        let answer = reqwest::get(format!("{url}{path}")).await.context("the gateway did not answer")?;
        if !answer.status().is_success() {
            bail!("{url}{path} answered {}: {}", answer.status(), answer.text().await.unwrap_or_default());
        }
        let metadata: Value = answer.json().await.context("the model's metadata is not JSON")?;
        Ok(Self { path: format!("{path}/infer"), body: body(&metadata)?.to_string().into() })
    }
}

/// One row for every input: a size that may vary is 1, and the numbers are those of the flower.
fn body(metadata: &Value) -> Result<Value> {
    let mut flower = FLOWER.into_iter().cycle();
    let inputs = metadata["inputs"].as_array().context("the model's metadata lists no inputs")?;
    let filled = inputs.iter().map(|input| {
        let shape = input["shape"].as_array().context("an input has no shape")?;
        let shape: Vec<u64> = shape.iter().map(|size| size.as_u64().unwrap_or(1)).collect();
        let count = shape.iter().product::<u64>().min(4096) as usize;
        let data: Vec<f64> = flower.by_ref().take(count).collect();
        Ok(json!({"name": input["name"], "shape": shape, "datatype": input["datatype"], "data": data}))
    });
    Ok(json!({"inputs": filled.collect::<Result<Vec<Value>>>()?}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tensor_gets_the_whole_flower() {
        let metadata = json!({"inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}]});
        let expected = json!({"inputs": [{"name": "X", "shape": [1, 4], "datatype": "FP32", "data": FLOWER}]});
        assert_eq!(body(&metadata).unwrap(), expected);
    }

    #[test]
    fn columns_get_one_number_each() {
        let column = |name: &str| json!({"name": name, "datatype": "FP32", "shape": [-1, 1]});
        let filled = body(&json!({"inputs": [column("a"), column("b")]})).unwrap();
        assert_eq!(filled["inputs"][1]["data"], json!([FLOWER[1]]));
    }
}
