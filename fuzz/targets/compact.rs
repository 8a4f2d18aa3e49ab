//! A token that is taken apart goes together again to the same text, and its header is what `serde_json` reads.

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::token::base64url::encode;
use evertoken::core::token::claims;
use evertoken::core::token::compact::UntrustedToken;
use evertoken_fuzz::{Tree, strict};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Text(&'a str),
    /// Reaches behind the encoding at once.
    Parts {
        header: &'a str,
        payload: &'a [u8],
        signature: &'a [u8],
    },
}

fuzz_target!(|input: Input<'_>| {
    let text = match input {
        Input::Text(text) => text.to_owned(),
        Input::Parts { header, payload, signature } => {
            [encode(header.as_bytes()), encode(payload), encode(signature)].join(".")
        }
    };
    let decoded = claims::decode(&text);
    let left = claims::expires_in(&text, 0.0);
    let Ok(token) = UntrustedToken::parse(&text) else {
        assert!(decoded.is_err() && left.is_err());
        return;
    };
    let again = [encode(token.header_json().as_bytes()), encode(token.payload())].join(".");
    assert_eq!(again, token.signing_input());
    assert_eq!([&*again, &*encode(token.signature())].join("."), text);

    let theirs = strict(token.header_json().as_bytes());
    let header = token.header();
    if let Some(theirs) = &theirs {
        let alg = theirs.get("alg").and_then(Tree::as_str).expect("a header names its algorithm");
        assert!(header.algorithm.is_none_or(|known| known.name() == alg));
        assert_eq!(header.kid.as_deref(), theirs.get("kid").and_then(Tree::as_str));
        assert_eq!(header.typ.as_deref(), theirs.get("typ").and_then(Tree::as_str));
        assert_eq!(header.critical.is_empty(), theirs.get("crit").is_none());
        assert_eq!(header.b64, theirs.get("b64") != Some(&Tree::Bool(false)));
    }

    let payload = strict(token.payload());
    if let Some(tree) = payload {
        assert_eq!(decoded.is_ok(), matches!(tree, Tree::Object(_)));
        if let (Ok(left), Some(Tree::Number(exp))) = (&left, tree.get("exp")) {
            let left = left.expect("it has an exp");
            assert!(
                (left - exp).abs() <= exp.abs() * 1e-14 || exp.abs() > 1e290 || exp.abs() < 1e-290
            );
        }
    }
});
