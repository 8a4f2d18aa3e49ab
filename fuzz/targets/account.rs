//! A record that can be read is written and read again as the same record; anything else is refused as damaged or newer.

#![no_main]

use evertoken::core::account::record::Account;
use evertoken::core::error::Code;
use evertoken_fuzz::{Read, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Account::read(text) {
        Ok(account) => {
            assert!(!matches!(read(text.as_bytes()), Read::Forgiven | Read::Refused));
            let written = account.write();
            let again = Account::read(&written).expect("what is written can be read");
            assert_eq!(again.write(), written);
            assert_eq!(again.expires_at(), account.expires_at());
        }
        Err(error) => assert!(matches!(error.code, Code::Store | Code::RefreshUnavailable)),
    }
});
