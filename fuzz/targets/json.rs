//! The strict reader reads what `serde_json` reads, to the same values, but for duplicates and depth; and what is quoted reads back.

#![no_main]

use evertoken::core::json::{Object, Value, parse, quote};
use evertoken_fuzz::{Read, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let ours = parse(bytes);
    match read(bytes) {
        Read::Strict(theirs) => {
            let ours = ours.as_ref().expect("serde_json reads it, and nothing stands twice");
            assert!(theirs.is(ours), "{theirs:?} is not {ours:?}");
        }
        Read::Forgiven | Read::Refused => assert_eq!(ours, None),
        Read::Overflow => {}
    }
    if let Some(Value::Object(object)) = &ours {
        assert_eq!(Object::parse(bytes).as_ref(), Some(object));
        for member in object.members() {
            assert_eq!(object.get(&member.name), Some(&member.value));
            assert_eq!(
                parse(member.raw.as_bytes()).as_ref(),
                Some(&member.value),
                "raw is the value's text"
            );
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut quoted = String::new();
        quote(&mut quoted, text);
        assert_eq!(parse(quoted.as_bytes()), Some(Value::String(text.into())));
    }
});
