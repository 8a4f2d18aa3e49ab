//! A key that is read, written and read again is the same key; what is published holds no secret.

#![no_main]

use evertoken::core::token::base64url::encode;
use evertoken::core::token::jwk::{Jwk, Material};
use evertoken_fuzz::strict;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(key) = Jwk::parse(bytes) else { return };

    let again = Jwk::parse(key.private_json().as_bytes()).expect("what is written can be read");
    assert_eq!(again.private_json(), key.private_json());
    assert_eq!(again.thumbprint_input(), key.thumbprint_input());
    assert_eq!((again.kid.as_ref(), again.is_private()), (key.kid.as_ref(), key.is_private()));
    assert!(key.allows(key.signing_algorithm()));
    assert!(strict(key.thumbprint_input().as_bytes()).is_some());

    let secret = match &key.material {
        Material::Ec { d, .. } | Material::Ed25519 { d, .. } => d.as_ref(),
        Material::MlDsa { seed, .. } => seed.as_ref(),
        Material::Oct { k } => Some(k),
        _ => None,
    };
    let published = key.public_json();
    assert_eq!(published.is_none(), matches!(key.material, Material::Oct { .. }));
    if let Some(published) = published {
        let public = Jwk::parse(published.as_bytes()).expect("what is published can be read");
        assert!(!public.is_private());
        assert_eq!(public.thumbprint_input(), key.thumbprint_input());
        let tree = strict(published.as_bytes()).expect("what is published is strict JSON");
        for name in ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"] {
            assert_eq!(tree.get(name), None);
        }
    }
    if let Some(secret) =
        secret.filter(|secret| key.kid.is_none() && secret.expose().iter().any(|byte| *byte > 1))
    {
        assert!(!format!("{key:?}").contains(&encode(secret.expose())));
    }
});
