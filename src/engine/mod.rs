//! Who computes signatures: Rust (`rust-crypto`), the host (`wasm`), or the better of the two.
//!
//! - [`verify`] verifies natively, in Rust alone;
//! - `VerifyingKey::new(&jwk)` and `.ask(algorithm, input, signature)`, `.verify_now(…)` where no promise is
//!   wanted;
//! - `SigningKey::new(&jwk)` and `.sign(input).await -> signature`, `.sign_now(…)`.
//!
//! Making a key costs nothing: the host imports it at its first use, once per isolate.

#[cfg(any(feature = "rust-crypto", all(feature = "wasm", feature = "verifier")))]
mod digest;
#[cfg(all(feature = "wasm", feature = "verifier"))]
mod held;
#[cfg(feature = "rust-crypto")]
mod jwt_simple;
#[cfg(all(feature = "wasm", feature = "verifier"))]
mod keys;
#[cfg(feature = "rust-crypto")]
mod native;
#[cfg(all(feature = "rust-crypto", feature = "wasm"))]
mod node;
#[cfg(feature = "rust-crypto")]
mod rsa;
#[cfg(all(feature = "wasm", feature = "verifier"))]
mod webcrypto;

#[cfg(all(feature = "wasm", feature = "verifier"))]
pub(crate) use digest::{hashed, hashed_now};
#[cfg(all(feature = "wasm", feature = "verifier"))]
pub(crate) use keys::{Answer, VerifyingKey};
#[cfg(all(feature = "wasm", feature = "issuer"))]
pub(crate) use keys::{SigningKey, generate, import};
#[cfg(feature = "rust-crypto")]
pub use native::{Signer, verify};
#[cfg(all(feature = "wasm", feature = "verifier"))]
pub(crate) use webcrypto::failed;
