//! `client.fetch`: the application's requests with its access token, and once more after a 401.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::globals::{AbortSignal, Request, Response, member};
use super::options::origin;
use super::session::Inner;
use crate::core::session::{Input, Stamp};
use crate::shell::error::set;

/// Performs one request of the application's.
pub(super) async fn fetch(
    inner: &Rc<Inner>,
    input: &JsValue,
    init: &JsValue,
) -> Result<JsValue, JsValue> {
    let body = Body::of(init)?;
    let request = body.request(input)?;
    let skip = member(init, "skipAuth").is_some_and(|skip| skip.is_truthy());
    // Whoever sets the header sees to it.
    let own = request.headers().has("authorization");
    let allowed = origin(&request.url()).is_some_and(|origin| inner.may_see(&origin));
    if skip || own || !allowed {
        return JsFuture::from(inner.host.fetch(&request, &JsValue::UNDEFINED)?).await;
    }

    let ask = |caller| Input::Ask { caller, min_validity: 0.0, force: false };
    let granted = unless_aborted(&request.signal(), || inner.call(false, ask)).await?;
    let Some(used) = attach(&request, &granted)? else {
        return JsFuture::from(inner.host.fetch(&request, &JsValue::UNDEFINED)?).await;
    };
    let spare = body.spare(&request)?;
    let answer = JsFuture::from(inner.host.fetch(&request, &JsValue::UNDEFINED)?).await?;
    let first: &Response = answer.unchecked_ref();
    if first.status() != 401 || !body.replayable {
        return Ok(answer);
    }

    let challenge = first.response_headers().get("www-authenticate");
    let retry = |caller| Input::Unauthorized { caller, used, challenge };
    let granted = unless_aborted(&request.signal(), || inner.call(false, retry)).await?;
    if !granted.is_object() {
        return Ok(answer);
    }
    let again = match spare {
        Some(spare) => spare,
        None => body.request(input)?,
    };
    let Some(used) = attach(&again, &granted)? else { return Ok(answer) };
    let second = JsFuture::from(inner.host.fetch(&again, &JsValue::UNDEFINED)?).await?;
    let accepted = second.unchecked_ref::<Response>().status() != 401;
    inner.feed(Input::Replayed { used, accepted });
    // Nobody reads the other one, so its connection is free.
    let (kept, other) =
        if accepted { (second, first) } else { (answer.clone(), second.unchecked_ref()) };
    if let Some(Ok(cancelled)) = other.body().map(|body| body.cancel()) {
        // A connection that broke meanwhile is no error of the application's.
        drop(JsFuture::from(cancelled));
    }
    Ok(kept)
}

/// The body of a request, which must be the same both times.
struct Body {
    init: JsValue,
    /// Asked for the body each time.
    factory: Option<Function>,
    replayable: bool,
}

impl Body {
    fn of(init: &JsValue) -> Result<Self, JsValue> {
        let body = member(init, "body");
        let factory = body.as_ref().and_then(|body| body.dyn_ref::<Function>().cloned());
        let is_stream = body.as_ref().is_some_and(is_stream);
        let init = match &factory {
            // A copy: the factory's bodies must not show in what the caller holds.
            Some(_) => Object::assign(&Object::new(), init.unchecked_ref()).into(),
            // Itself: another `Request` may stand in for it, which has no members of its own.
            None => init.clone(),
        };
        Ok(Self { init, factory, replayable: !is_stream })
    }

    fn request(&self, input: &JsValue) -> Result<Request, JsValue> {
        if let Some(factory) = &self.factory {
            let body = factory.call0(&JsValue::UNDEFINED)?;
            if is_stream(&body) {
                // What hosts ask for before they send a stream.
                set(self.init.unchecked_ref(), "duplex", &"half".into());
            }
            set(self.init.unchecked_ref(), "body", &body);
        }
        Request::new(input, &self.init)
    }

    /// The request once more, serialised once; nothing where a factory makes it anew, or nobody can.
    fn spare(&self, request: &Request) -> Result<Option<Request>, JsValue> {
        if self.factory.is_some() || !self.replayable {
            return Ok(None);
        }
        request.clone().map(Some)
    }
}

/// Streams and iterators can be read once only.
fn is_stream(body: &JsValue) -> bool {
    let iterates = || Reflect::has(body, &js_sys::Symbol::async_iterator()).unwrap_or(false);
    body.is_object() && (member(body, "getReader").is_some() || iterates())
}

/// Puts the token on; nothing where nobody is signed in.
fn attach(request: &Request, granted: &JsValue) -> Result<Option<Stamp>, JsValue> {
    let Some(granted) = granted.dyn_ref::<Array>() else { return Ok(None) };
    let token = granted.get(0).as_string().unwrap_or_default();
    request.headers().set("authorization", &["Bearer ", &token].concat())?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "they were integers"
    )]
    let number = |index| granted.get(index).as_f64().unwrap_or_default() as u64;
    let session = u32::try_from(number(1)).unwrap_or_default();
    Ok(Some(Stamp { session, generation: number(2) }))
}

/// What is asked for comes to, unless the request is aborted before; then nothing is asked for.
async fn unless_aborted(
    signal: &AbortSignal,
    ask: impl FnOnce() -> Promise,
) -> Result<JsValue, JsValue> {
    if signal.aborted() {
        return Err(signal.reason());
    }
    let mut listener = JsValue::UNDEFINED;
    let aborted = Promise::new(&mut |_, reject| listener = reject.into());
    let reject: Function = listener.unchecked_into();
    let heard = Closure::once_into_js({
        let signal: AbortSignal = JsValue::from(signal).unchecked_into();
        move || drop(reject.call1(&JsValue::UNDEFINED, &signal.reason()))
    });
    signal.on("abort", heard.unchecked_ref());
    let settled = JsFuture::from(Promise::race(&Array::of2(&ask(), &aborted))).await;
    signal.off("abort", heard.unchecked_ref());
    settled
}
