//! The members of a key, read strictly: a wrong one is named.

use super::base64url;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};
use crate::core::secret::Secret;

/// A string, where the member is there.
pub(super) fn text<'a>(
    object: &'a Object<'_>,
    name: &'static str,
) -> Result<Option<&'a str>, Error> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid("a member of the key that must be a string is none").claim(name)),
    }
}

/// Bytes of any number.
pub(super) fn bytes(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, Error> {
    let decoded = text(object, name)?.and_then(base64url::decode);
    decoded.ok_or_else(|| invalid("a member of the key is missing or not base64url").claim(name))
}

/// Bytes of just this number.
pub(super) fn fixed(
    object: &Object<'_>,
    name: &'static str,
    length: usize,
) -> Result<Vec<u8>, Error> {
    let bytes = bytes(object, name)?;
    if bytes.len() != length {
        return Err(wrong_length(name));
    }
    Ok(bytes)
}

/// A secret of just this number of bytes, where the member is there.
pub(super) fn secret(
    object: &Object<'_>,
    name: &'static str,
    length: usize,
) -> Result<Option<Secret>, Error> {
    if object.get(name).is_none() {
        return Ok(None);
    }
    let secret = Secret::new(bytes(object, name)?);
    if secret.expose().len() != length {
        return Err(wrong_length(name));
    }
    Ok(Some(secret))
}

fn wrong_length(name: &'static str) -> Error {
    invalid("a member of the key is not as long as its algorithm asks").claim(name)
}

pub(super) const fn invalid(message: &'static str) -> Error {
    Error::new(Code::JwkInvalid, message)
}

pub(super) const fn unsupported(message: &'static str) -> Error {
    Error::new(Code::NotSupported, message)
}
