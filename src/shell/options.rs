//! Options objects, read member by member; whatever is wrong is named as the user wrote it.

use std::borrow::Cow;

use js_sys::{Array, Function, JsString, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::Error;

/// An options object, or a part of one.
pub(crate) struct Options {
    value: JsValue,
    path: String,
}

impl Options {
    /// Reads `value`, which may be left out, as an options object whose members are all among `known`.
    pub(crate) fn new(value: &JsValue, known: &[&str]) -> Result<Self, Error> {
        Self::at(value, String::new(), known)
    }

    fn at(value: &JsValue, path: String, known: &[&str]) -> Result<Self, Error> {
        if value.is_undefined() {
            return Ok(Self { value: JsValue::UNDEFINED, path });
        }
        if !value.is_object() || Array::is_array(value) {
            return Err(Error::option(name_of(path), "options are given as an object"));
        }
        let options = Self { value: value.clone(), path };
        for key in Object::keys(value.unchecked_ref::<Object>()) {
            let key = key.as_string().unwrap_or_default();
            if !known.contains(&&*key) {
                return Err(options.wrong(&key, "there is no option of this name; is it misspelt?"));
            }
        }
        Ok(options)
    }

    /// The error for the option `name`.
    pub(crate) fn wrong(&self, name: &str, message: &'static str) -> Error {
        Error::option(self.path_of(name), message)
    }

    /// The member itself; `None` where it is left out.
    ///
    /// One that cannot be read is `null`, which no reader takes: it must not pass for left out.
    pub(crate) fn value(&self, name: &str) -> Option<JsValue> {
        if self.value.is_undefined() {
            return None;
        }
        let value = Reflect::get(&self.value, &name.into()).unwrap_or(JsValue::NULL);
        (!value.is_undefined()).then_some(value)
    }

    /// Options of their own within these.
    pub(crate) fn nested(&self, name: &str, known: &[&str]) -> Result<Option<Self>, Error> {
        let value = self.value(name);
        value.map(|value| Self::at(&value, self.path_of(name), known)).transpose()
    }

    /// A member that may be read as options, whatever other members it has.
    pub(crate) fn part(&self, name: &str) -> Self {
        Self { value: self.value(name).unwrap_or_default(), path: self.path_of(name) }
    }

    /// A string that is not empty.
    pub(crate) fn string(&self, name: &str) -> Result<Option<String>, Error> {
        self.value(name).map(|value| self.text(name, &value)).transpose()
    }

    /// A string, of which an empty one counts as left out ([RFC 6749, section 3.2]).
    ///
    /// [RFC 6749, section 3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2
    #[cfg(feature = "issuer")]
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<String>, Error> {
        let is_empty = self.value(name).and_then(|value| value.as_string()).as_deref() == Some("");
        if is_empty { Ok(None) } else { self.string(name) }
    }

    /// A string or an array of strings, as a list that is not empty.
    pub(crate) fn strings(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        if !Array::is_array(&value) {
            return Ok(Some(vec![self.text(name, &value)?]));
        }
        let items = value.unchecked_into::<Array>();
        if items.length() == 0 {
            return Err(
                self.wrong(name, "an empty list would refuse everything; leave the option out")
            );
        }
        items.iter().map(|item| self.text(name, &item)).collect::<Result<_, _>>().map(Some)
    }

    /// A list of strings that may be empty; `None` where the option is left out.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        if !Array::is_array(&value) {
            return Err(self.wrong(name, "this must be an array of strings"));
        }
        let items = value.unchecked_into::<Array>();
        items.iter().map(|item| self.text(name, &item)).collect::<Result<_, _>>().map(Some)
    }

    /// A number from `least` to `most`.
    pub(crate) fn number(&self, name: &str, least: f64, most: f64) -> Result<Option<f64>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match value.as_f64() {
            Some(number) if number >= least && number <= most => Ok(Some(number)),
            _ => Err(self.wrong(name, "this must be a number, in seconds, within its bounds")),
        }
    }

    /// `true` or `false`.
    #[cfg(feature = "issuer")]
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let flag = |value: JsValue| {
            value.as_bool().ok_or_else(|| self.wrong(name, "this must be true or false"))
        };
        self.value(name).map(flag).transpose()
    }

    /// A function.
    pub(crate) fn function(&self, name: &str) -> Result<Option<Function>, Error> {
        let function = |value: JsValue| {
            value.dyn_into().map_err(|_| self.wrong(name, "this must be a function"))
        };
        self.value(name).map(function).transpose()
    }

    /// Bytes: a `Uint8Array`.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let bytes = |value: JsValue| {
            let array = value.dyn_into::<Uint8Array>();
            array
                .map(|array| array.to_vec())
                .map_err(|_| self.wrong(name, "this must be a Uint8Array"))
        };
        self.value(name).map(bytes).transpose()
    }

    /// An object, as its JSON text.
    pub(crate) fn json(&self, name: &str) -> Result<Option<String>, Error> {
        let json = |value: JsValue| {
            let text = value.is_object().then(|| js_sys::JSON::stringify(&value).ok()).flatten();
            text.and_then(|text| text.as_string())
                .ok_or_else(|| self.wrong(name, "this must be a plain object"))
        };
        self.value(name).map(json).transpose()
    }

    fn text(&self, name: &str, value: &JsValue) -> Result<String, Error> {
        // Half of a surrogate pair would become U+FFFD, and so would any other: two names, one account.
        let is_text = |text: &JsString| text.is_valid_utf16() && text.length() > 0;
        let text = value.dyn_ref::<JsString>().filter(|text| is_text(text)).map(String::from);
        text.ok_or_else(|| self.wrong(name, "this must be a string, or strings, and not empty"))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            return String::from(name);
        }
        [&*self.path, name].join(".")
    }
}

fn name_of(path: String) -> Cow<'static, str> {
    if path.is_empty() { Cow::Borrowed("options") } else { Cow::Owned(path) }
}
