//! Tokens in compact form: parsing, header, claims policy, keys ([RFC 7515], [RFC 7519]).
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519

pub mod algorithm;
pub mod at_hash;
pub mod base64url;
pub mod challenge;
pub mod claims;
pub mod compact;
mod der;
pub mod draft;
mod freshness;
pub mod header;
pub mod jwk;
pub mod jwks;
mod material;
mod member;
pub mod pem;
pub mod policy;
pub mod profile;
pub mod remote;
mod rsa;
pub mod sign_in;
mod small_order;
pub mod verifier;
pub mod window;
