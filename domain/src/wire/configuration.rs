//! Configurations, and what differs between two.

use std::fmt;

use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::configuration::Configuration;
use crate::diff::Difference;
use crate::id::{Actor, ConfigurationId, RevisionNumber};
use crate::strict;

/// A configuration with what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigurationView {
    /// Which one.
    pub id: ConfigurationId,
    /// Its settings, with every default written out.
    #[serde(flatten)]
    pub configuration: Configuration,
    /// It is the one in use.
    pub in_use: bool,
    /// Revisions that were given it, newest first.
    pub revisions: Vec<RevisionNumber>,
    /// Equal for configurations that ask for the same thing.
    pub content_hash: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The person who made it.
    pub created_by: Actor,
}

/// The first configuration of a deployment that is to be made: a new one, or the id of one that was made before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FirstConfiguration {
    /// One that was made without a deployment.
    Made(ConfigurationId),
    /// A new one.
    New(Box<Configuration>),
}

impl From<Configuration> for FirstConfiguration {
    fn from(configuration: Configuration) -> Self {
        Self::New(Box::new(configuration))
    }
}

/// By its form, so that what is wrong inside a configuration is told by its own path.
impl<'de> Deserialize<'de> for FirstConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByForm;
        impl<'de> Visitor<'de> for ByForm {
            type Value = FirstConfiguration;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a configuration, or the id of one that was made without a deployment")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Self::Value, E> {
                id.parse().map(FirstConfiguration::Made).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                Configuration::deserialize(strict::part(MapAccessDeserializer::new(fields))).map(Self::Value::from)
            }
        }
        deserializer.deserialize_any(ByForm)
    }
}

/// The differences between two configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffView {
    /// The one it is compared with.
    pub against: ConfigurationId,
    /// The fields that differ.
    pub differences: Vec<Difference>,
}
