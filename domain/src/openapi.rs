//! The descriptions, in the OpenAPI document, of types with a form of their own on the wire.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::configuration::ReplicaCount;
use crate::id::ModelRef;
use crate::strategy::{Amount, MAX_REPLICAS};

fn of_type(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(kind))
}

/// Any JSON value.
pub(crate) fn any_value() -> Schema {
    use Type::{Array, Boolean, Null, Number, Object, String};
    let any = [Object, Array, String, Number, Boolean, Null];
    ObjectBuilder::new().schema_type(SchemaType::from_iter(any)).into()
}

impl PartialSchema for ModelRef {
    fn schema() -> RefOr<Schema> {
        of_type(Type::String)
            .description(Some("A model at one version"))
            .pattern(Some(ModelRef::PATTERN))
            .examples(["iris@2"])
            .into()
    }
}

impl PartialSchema for ReplicaCount {
    fn schema() -> RefOr<Schema> {
        of_type(Type::Integer).minimum(Some(1)).maximum(Some(MAX_REPLICAS)).into()
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(of_type(Type::Integer).minimum(Some(0)).maximum(Some(MAX_REPLICAS)))
            .item(of_type(Type::String).examples(["25%"]))
            .into()
    }
}

macro_rules! named {
    ($($type:ident),*) => {
        $(impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }
        })*
    };
}

named!(ModelRef, ReplicaCount, Amount);
