//! The keys of a verifier, in whichever form its options give them.

use wasm_bindgen::JsValue;

use super::options::Options;
use crate::core::error::{Code, Error};
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::Jwk;
use crate::core::token::jwks::KeySet;
use crate::core::token::pem::Pem;

/// Reads the option `keys`.
pub(crate) fn keys(options: &Options) -> Result<KeySet, Error> {
    let given = options.value("keys").filter(JsValue::is_object);
    given.ok_or_else(|| {
        let message =
            "a verifier needs keys: a JWK, a JWK set, { url }, { pem, alg } or { secret, alg }";
        options.wrong("keys", message)
    })?;
    // Only a shared secret comes as bytes; everything else is JSON.
    let named = options.part("keys");
    if named.value("secret").is_some() {
        let secret = named.bytes("secret")?.unwrap_or_default();
        let name = named.string("alg")?;
        let alg = name.as_deref().and_then(Algorithm::from_name);
        let alg = alg.filter(|alg| alg.is_symmetric());
        let alg = alg.ok_or_else(|| {
            named.wrong("alg", "a secret needs its algorithm: \"HS256\", \"HS384\" or \"HS512\"")
        })?;
        return Ok(Jwk::secret(secret, alg)?.into());
    }
    if let Some(pem) = named.string("pem")? {
        let alg = named.string("alg")?.as_deref().and_then(Algorithm::from_name);
        let alg = alg.ok_or_else(|| named.wrong("alg", "a PEM needs its algorithm: \"RS256\""))?;
        let Pem::Public(mut key) = Pem::parse(&pem, alg)? else {
            return Err(Error::new(Code::JwkInvalid, "verifying takes the public key's PEM"));
        };
        key.kid = named.string("kid")?;
        return Ok(key.into());
    }
    let json = options.json("keys")?.unwrap_or_default();
    KeySet::parse(json.as_bytes())
}
