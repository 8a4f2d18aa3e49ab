//! The hash of an access token that `at_hash` is compared with: computed in Rust where Rust crypto is linked, since it
//! is short and then takes no promise, else by the host.

use crate::core::token::algorithm::Algorithm;
#[cfg(feature = "rust-crypto")]
use crate::core::token::at_hash::Hash;
use crate::core::token::policy::Policy;

/// The rules with the access token hashed, for a token signed with `algorithm`; `None` where they
/// are fit as they are.
#[cfg(feature = "rust-crypto")]
pub(crate) fn hashed_now(policy: &Policy, algorithm: Algorithm) -> Option<Policy> {
    let (hash, access_token) = policy.to_hash(algorithm)?;
    Some(policy.hashed(&digest(hash, access_token)))
}

/// As [`hashed_now`]; without Rust crypto nothing is, and what needs it is refused.
#[cfg(not(feature = "rust-crypto"))]
pub(crate) const fn hashed_now(_: &Policy, _: Algorithm) -> Option<Policy> {
    None
}

/// As [`hashed_now`], by the host where Rust does not compute it.
#[cfg(feature = "wasm")]
pub(crate) async fn hashed(
    policy: &Policy,
    algorithm: Algorithm,
) -> Result<Option<Policy>, wasm_bindgen::JsValue> {
    #[cfg(not(feature = "rust-crypto"))]
    if let Some((hash, access_token)) = policy.to_hash(algorithm) {
        let promise = super::webcrypto::digest(hash, access_token)?;
        let digest = wasm_bindgen_futures::JsFuture::from(promise).await;
        let digest = digest.map_err(|cause| super::webcrypto::failed(&cause))?;
        return Ok(Some(policy.hashed(&js_sys::Uint8Array::new(&digest).to_vec())));
    }
    Ok(hashed_now(policy, algorithm))
}

#[cfg(feature = "rust-crypto")]
fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    use shake::{ExtendableOutput, Shake256};

    match hash {
        Hash::Sha256 => hmac_sha256::Hash::hash(bytes).to_vec(),
        Hash::Sha384 => hmac_sha512::sha384::Hash::hash(bytes).to_vec(),
        Hash::Sha512 => hmac_sha512::Hash::hash(bytes).to_vec(),
        Hash::Shake256 => {
            let mut digest = vec![0; 64];
            Shake256::digest_xof(bytes, &mut digest);
            digest
        }
    }
}
