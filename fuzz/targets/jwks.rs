//! A set gives the one key that fits a header, and only where there is exactly one.

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::error::Code;
use evertoken::core::token::algorithm::Algorithm;
use evertoken::core::token::header::Header;
use evertoken::core::token::jwks::KeySet;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    algorithm: u8,
    header: &'a [u8],
    set: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let Ok(set) = KeySet::parse(input.set) else { return };
    let header = Header::parse(input.header);
    let Ok(header) = header.or_else(|_| Header::parse(br#"{"alg":"ES256"}"#)) else { return };
    let algorithm = Algorithm::ALL[usize::from(input.algorithm) % Algorithm::ALL.len()];

    let is_set = evertoken_fuzz::strict(input.set).is_some_and(|tree| tree.get("keys").is_some());
    let fitting: Vec<usize> = (0..set.keys().len())
        .filter(|position| {
            let key = &set.keys()[*position];
            key.verifies
                && key.allows(algorithm)
                && (!is_set || header.kid.is_none() || header.kid == key.kid)
        })
        .collect();
    let selected = set.select(algorithm, &header).map_err(|error| error.code);
    assert_eq!(
        selected,
        match fitting[..] {
            [] => Err(Code::JwksNoMatchingKey),
            [one] => Ok(one),
            _ => Err(Code::JwksMultipleMatchingKeys),
        }
    );
    assert!(selected.is_err() || set.allows(algorithm));
});
