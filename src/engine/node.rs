//! Signatures computed by `node:crypto`, at once and without the way through a thread pool: in Node, and wherever else
//! `process.getBuiltinModule` gives it.
//!
//! It only ever helps: a key or an algorithm that it does not take is left to the other engines, whose errors are then
//! the ones that are seen.

use js_sys::{Function, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::held::{self, Held};
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::Jwk;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone, Debug)]
    type NodeCrypto;

    #[wasm_bindgen(method, catch, js_name = createPublicKey)]
    fn create_public_key(this: &NodeCrypto, key: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = createPrivateKey)]
    fn create_private_key(this: &NodeCrypto, key: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &NodeCrypto,
        digest: &JsValue,
        data: &[u8],
        key: &JsValue,
        signature: &[u8],
    ) -> Result<bool, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sign(
        this: &NodeCrypto,
        digest: &JsValue,
        data: &[u8],
        key: &JsValue,
    ) -> Result<Uint8Array, JsValue>;
}

/// A key that the host has taken in, for one algorithm and one use.
#[derive(Clone, Debug)]
pub(super) struct Key {
    node: NodeCrypto,
    digest: JsValue,
    key: JsValue,
    /// As long as every signature is; RSA's length is the key's, and left to the host.
    length: Option<usize>,
}

impl Key {
    /// A key that the host has, or takes now; `None` where it does not take it.
    pub(super) fn new(jwk: &Jwk, algorithm: Algorithm, to_sign: bool) -> Option<Self> {
        let name = held::name(jwk, algorithm, to_sign);
        if let Some(key) = HELD.with(|held| held.find(&name)) {
            return Some(key);
        }
        let key = Self::taken_in(jwk, algorithm, to_sign)?;
        HELD.with(|held| held.keep(name, &key));
        Some(key)
    }

    fn taken_in(jwk: &Jwk, algorithm: Algorithm, to_sign: bool) -> Option<Self> {
        let node = serves(algorithm).then(crypto).flatten()?;
        let public = Self::part(&node, jwk, algorithm, false)?;
        if !to_sign {
            // Some hosts have the function for other keys only.
            public.ask(&[], &[])?;
            return Some(public);
        }
        let private = Self::part(&node, jwk, algorithm, true)?;
        // Hosts do not look whether the numbers of a pair belong together.
        let signature = private.sign(&[])?;
        public.verify(&[], &signature).then_some(private)
    }

    fn part(node: &NodeCrypto, jwk: &Jwk, algorithm: Algorithm, private: bool) -> Option<Self> {
        let (digest, how, length) = parameters(algorithm)?;
        let input = ["{\"format\":\"jwk\",\"key\":", &jwk.material_json(private), "}"].concat();
        let input = JSON::parse(&input).ok()?;
        let own =
            if private { node.create_private_key(&input) } else { node.create_public_key(&input) };
        let key = JSON::parse(how).ok()?;
        Reflect::set(&key, &"key".into(), &own.ok()?).ok()?;
        let digest = digest.map_or(JsValue::NULL, JsValue::from);
        Some(Self { node: node.clone(), digest, key, length })
    }

    /// Whether the signature is the key's.
    pub(super) fn verify(&self, input: &[u8], signature: &[u8]) -> bool {
        self.length.is_none_or(|length| length == signature.len())
            && self.ask(input, signature).unwrap_or(false)
    }

    fn ask(&self, input: &[u8], signature: &[u8]) -> Option<bool> {
        self.node.verify(&self.digest, input, &self.key, signature).ok()
    }

    /// The signature over `input`.
    pub(super) fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        self.node.sign(&self.digest, input, &self.key).ok().map(|signature| signature.to_vec())
    }
}

thread_local! {
    static HELD: Held<Key> = const { Held::new() };
    static CRYPTO: Option<NodeCrypto> = find();
}

fn crypto() -> Option<NodeCrypto> {
    CRYPTO.with(Clone::clone)
}

fn find() -> Option<NodeCrypto> {
    let process = Reflect::get(&js_sys::global(), &"process".into()).ok()?;
    let give = Reflect::get(&process, &"getBuiltinModule".into()).ok()?;
    let give = give.dyn_into::<Function>().ok()?;
    let crypto = give.call1(&process, &"node:crypto".into()).ok()?;
    crypto.is_object().then(|| crypto.unchecked_into())
}

/// Whether the algorithm is one of those that the host computes.
pub(super) const fn serves(algorithm: Algorithm) -> bool {
    parameters(algorithm).is_some()
}

/// Whether to verify here rather than by WebCrypto's promise. The way through its thread pool costs more
/// than these signatures do; with P-384 and P-521 it is the other way round, and the thread stays free.
pub(super) const fn verifies_quickly(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::Es384 | Algorithm::Es512) && serves(algorithm)
}

/// As [`verifies_quickly`], to sign: with an RSA key that is as slow as verifying with it is quick.
pub(super) const fn signs_quickly(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Es256 | Algorithm::EdDsa | Algorithm::Ed25519)
}

type Parameters = (Option<&'static str>, &'static str, Option<usize>);

/// The digest, how it is used, and how long signatures are.
const fn parameters(algorithm: Algorithm) -> Option<Parameters> {
    const EC: &str = r#"{"dsaEncoding":"ieee-p1363"}"#;
    const PKCS1: &str = r#"{"padding":1}"#;
    Some(match algorithm {
        Algorithm::Es256 => (Some("sha256"), EC, Some(64)),
        Algorithm::Es384 => (Some("sha384"), EC, Some(96)),
        Algorithm::Es512 => (Some("sha512"), EC, Some(132)),
        Algorithm::Rs256 => (Some("sha256"), PKCS1, None),
        Algorithm::Rs384 => (Some("sha384"), PKCS1, None),
        Algorithm::Rs512 => (Some("sha512"), PKCS1, None),
        Algorithm::Ps256 => (Some("sha256"), r#"{"padding":6,"saltLength":32}"#, None),
        Algorithm::Ps384 => (Some("sha384"), r#"{"padding":6,"saltLength":48}"#, None),
        Algorithm::Ps512 => (Some("sha512"), r#"{"padding":6,"saltLength":64}"#, None),
        Algorithm::EdDsa | Algorithm::Ed25519 => (None, "{}", Some(64)),
        _ => return None,
    })
}
