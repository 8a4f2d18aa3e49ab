//! base64url decodes and encodes exactly as base64ct does: only the one canonical form of anything.

#![no_main]

use base64ct::{Base64UrlUnpadded, Encoding};
use evertoken::core::token::base64url::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = encode(bytes);
    assert_eq!(text, Base64UrlUnpadded::encode_string(bytes));
    assert_eq!(decode(&text).as_deref(), Some(bytes));

    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let decoded = decode(text);
    assert_eq!(decoded, Base64UrlUnpadded::decode_vec(text).ok());
    if let Some(decoded) = decoded {
        assert_eq!(encode(&decoded), text, "there is one text for these bytes");
    }
});
