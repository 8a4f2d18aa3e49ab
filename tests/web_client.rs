//! The client's shell in real browsers: their storage, timers, requests and bodies; the server is a
//! function in the page.

#![cfg(all(target_arch = "wasm32", feature = "wasm", feature = "client"))]

use evertoken::browser::session::Session;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A server that rotates, in `server`: `posts` are the forms it got, `revoked` the tokens, `api` the
/// bodies; `next` may hold functions that answer instead.
const SERVER: &str = r#"
    const server = { generation: 0, posts: [], revoked: [], api: [], next: [], seen: [] };
    server.tokens = (life = 300) => ({
        access_token: `a${server.generation}`, refresh_token: `r${server.generation}`,
        expires_in: life, token_type: "Bearer",
    });
    const json = (status, value) => new Response(JSON.stringify(value), { status });
    server.fetch = async (input, init) => {
        const request = new Request(input, init);
        const path = new URL(request.url).pathname;
        server.seen.push(request.headers.get("authorization"));
        if (path === "/revoke") {
            server.revoked.push(new URLSearchParams(await request.text()).get("token"));
            return json(200, {});
        }
        if (path === "/token") {
            const form = new URLSearchParams(await request.text());
            server.posts.push(form);
            if (form.get("refresh_token") === `r${server.generation}`) server.generation++;
            const answer = json(200, server.tokens(server.life));
            const instead = server.next.shift();
            return instead ? instead(answer, request.signal) : answer;
        }
        server.api.push(await request.text());
        const good = request.headers.get("authorization") === `Bearer a${server.generation}`;
        return json(good ? 200 : 401, {});
    };
    return server;
"#;

struct Page {
    server: JsValue,
    heard: Array,
    options: Object,
    key: &'static str,
}

impl Page {
    fn new(key: &'static str) -> Self {
        let server = Function::new_no_args(SERVER).call0(&JsValue::UNDEFINED).unwrap();
        let options = Function::new_with_args(
            "server, storageKey",
            "return { tokenEndpoint: '/token', revocationEndpoint: '/revoke', clientId: 'web',
                storageKey, host: { fetch: server.fetch } }",
        );
        let options = options.call2(&JsValue::UNDEFINED, &server, &key.into()).unwrap();
        Self { server, heard: Array::new(), options: options.unchecked_into(), key }
    }

    fn open(&self) -> Session {
        let tell = Function::new_with_args("heard", "return (name) => heard.push(name)");
        let tell = tell.call1(&JsValue::UNDEFINED, &self.heard).unwrap();
        Session::new(&self.options, tell.unchecked_into()).unwrap()
    }

    async fn signed_in(&self) -> Session {
        let session = self.open();
        settled(session.set_tokens(&self.eval("server.tokens()"))).await.unwrap();
        session
    }

    /// What an expression over `server` comes to.
    fn eval(&self, expression: &str) -> JsValue {
        let function = Function::new_with_args("server", &format!("return {expression}"));
        function.call1(&JsValue::UNDEFINED, &self.server).unwrap()
    }

    fn text(&self, expression: &str) -> String {
        JSON::stringify(&self.eval(expression)).unwrap().as_string().unwrap()
    }

    fn heard(&self) -> Vec<String> {
        self.heard
            .iter()
            .filter_map(|name| name.as_string())
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The keys of this client in `localStorage`.
    fn stored(&self) -> String {
        let keys = format!(
            "Object.keys(localStorage).filter((key) => key.startsWith('{}')).length",
            self.key
        );
        self.text(&keys)
    }
}

async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

async fn token(session: &Session, options: &str) -> Result<JsValue, JsValue> {
    settled(session.access_token(&JSON::parse(options).unwrap())).await
}

async fn sleep(milliseconds: u32) {
    let sleep = Function::new_with_args("ms", "return new Promise((done) => setTimeout(done, ms))");
    let promise = sleep.call1(&JsValue::UNDEFINED, &milliseconds.into()).unwrap();
    settled(promise.unchecked_into()).await.unwrap();
}

fn code(error: &JsValue) -> String {
    Reflect::get(error, &"code".into()).unwrap().as_string().unwrap()
}

const FORCE: &str = r#"{"forceRefresh":true}"#;

#[wasm_bindgen_test]
async fn c1_parallel_calls_make_one_refresh() {
    let page = Page::new("c1");
    let session = page.signed_in().await;
    let force = JSON::parse(FORCE).unwrap();
    let calls: Array = (0..50).map(|_| JsValue::from(session.access_token(&force))).collect();
    let tokens: Array = settled(Promise::all(&calls)).await.unwrap().unchecked_into();
    assert!(tokens.iter().all(|token| token == "a1"));
    assert_eq!(page.text("server.posts.length"), "1");
    assert_eq!(page.stored(), "2");
    session.dispose();
}

#[wasm_bindgen_test]
async fn c7_the_attempt_is_found_at_start_and_sent_again() {
    let page = Page::new("c7");
    let session = page.signed_in().await;
    page.eval("server.next.push(() => new Promise(() => {}))");
    let waiting = session.access_token(&JSON::parse(FORCE).unwrap());
    sleep(20).await;
    session.dispose();
    assert_eq!(code(&settled(waiting).await.unwrap_err()), "ERR_NOT_READY");

    let session = page.open();
    assert_eq!(token(&session, "{}").await.unwrap(), "a0");
    assert_eq!(token(&session, FORCE).await.unwrap(), "a1");
    assert_eq!(
        page.text("server.posts[0].get('attempt') === server.posts[1].get('attempt')"),
        "true"
    );
    assert_eq!(page.text("server.posts[0].get('attempt').length"), "22");
    session.dispose();
}

#[wasm_bindgen_test]
async fn c13_tokens_are_renewed_by_the_timer_even_after_a_failure() {
    let page = Page::new("c13");
    page.eval(
        "(server.life = 4, server.next.push(() => { throw new TypeError('Failed to fetch') }))",
    );
    let session = page.open();
    settled(session.set_tokens(&page.eval("server.tokens(2)"))).await.unwrap();
    sleep(4_000).await;
    let heard = page.heard();
    assert_eq!(heard[..3], ["signedIn", "refreshDeferred", "refreshed"]);
    assert!(session.snapshot().contains(r#""status":"active""#));
    session.dispose();
}

#[wasm_bindgen_test]
async fn c19_and_c22_a_401_is_answered_by_one_refresh_and_the_same_body() {
    for body in [
        "'text ✓'",
        "new URLSearchParams({ a: 'b' })",
        "new Blob(['x'])",
        "() => 'made'",
        "(() => { const form = new FormData(); form.append('f', new Blob(['✓']), 'n'); return form })()",
    ] {
        let page = Page::new("c19");
        let session = page.signed_in().await;
        page.eval("server.generation++");
        // The client's token is a generation behind, and so is its refresh token: as after a refresh elsewhere.
        let tokens = page.eval("({ ...server.tokens(), access_token: 'old' })");
        settled(session.set_tokens(&tokens)).await.unwrap();
        let init = page.eval(&format!("({{ method: 'POST', body: {body} }})"));
        let answers: Array =
            (0..3).map(|_| JsValue::from(session.fetch("/api/me".into(), init.clone()))).collect();
        let answers: Array = settled(Promise::all(&answers)).await.unwrap().unchecked_into();
        for answer in answers.iter() {
            assert_eq!(Reflect::get(&answer, &"status".into()).unwrap(), 200);
        }
        assert_eq!(page.text("server.posts.length"), "1");
        assert_eq!(page.text("server.api.length"), "6");
        if !body.contains("form") {
            assert_eq!(page.text("new Set(server.api).size"), "1");
        }
        assert_eq!(page.text("server.api.every((body) => body.length > 0)"), "true");
        session.dispose();
        settled(session.sign_out(None)).await.unwrap_err();
        page.eval(r#"localStorage.clear()"#);
    }
}

#[wasm_bindgen_test]
async fn c23_the_token_stays_with_the_pages_own_origin() {
    let page = Page::new("c23");
    let session = page.signed_in().await;
    for url in ["https://elsewhere.example/me", "/me", "blob:null/x", "data:,x"] {
        let _ = settled(session.fetch(url.into(), JsValue::UNDEFINED)).await;
    }
    let skip = JSON::parse(r#"{"skipAuth":true}"#).unwrap();
    settled(session.fetch("/me".into(), skip)).await.unwrap();
    assert_eq!(page.text("server.seen.filter(Boolean)"), r#"["Bearer a0"]"#);
    session.dispose();
}

#[wasm_bindgen_test]
async fn c24_a_sign_out_during_a_refresh_stays_one() {
    let page = Page::new("c24");
    let session = page.signed_in().await;
    page.eval(
        "server.next.push((answer) => new Promise((send) => (server.send = () => send(answer))))",
    );
    let waiting = session.access_token(&JSON::parse(FORCE).unwrap());
    sleep(20).await;
    settled(session.sign_out(None)).await.unwrap();
    assert_eq!(settled(waiting).await.unwrap(), JsValue::NULL);
    page.eval("server.send()");
    sleep(50).await;
    assert_eq!(page.stored(), "0");
    assert_eq!(page.text("server.revoked"), r#"["r0","r1"]"#);
    assert_eq!(page.heard(), ["signedIn", "ended"]);
    session.dispose();
}

#[wasm_bindgen_test]
async fn another_tabs_renewal_and_sign_out_are_seen() {
    let page = Page::new("tabs");
    let (one, other) = (page.signed_in().await, page.open());
    assert_eq!(token(&one, FORCE).await.unwrap(), "a1");
    // Within one document no event is sent, so it is sent here.
    page.eval("dispatchEvent(new StorageEvent('storage', { key: 'tabs:x:2', newValue: '{}' }))");
    assert_eq!(token(&other, "{}").await.unwrap(), "a1");
    page.eval("(localStorage.removeItem('tabs'), dispatchEvent(new StorageEvent('storage', { key: 'tabs', newValue: null })))");
    assert!(other.snapshot().contains(r#""endReason":"signedOut""#));
    assert_eq!(page.text("server.posts.length"), "1");
    one.dispose();
    other.dispose();
}

#[wasm_bindgen_test]
async fn c32_storage_that_throws_is_replaced_by_memory_with_one_warning() {
    let page = Page::new("c32");
    page.eval("(server.setItem = Storage.prototype.setItem, Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') })");
    let session = page.signed_in().await;
    assert_eq!(token(&session, FORCE).await.unwrap(), "a1");
    page.eval("(Storage.prototype.setItem = server.setItem)");
    assert_eq!(token(&session, FORCE).await.unwrap(), "a2");
    let warnings = page.heard().iter().filter(|name| *name == "warning").count();
    assert_eq!((warnings, page.stored().as_str()), (1, "0"));
    session.dispose();
}

#[wasm_bindgen_test]
async fn c53_the_last_generation_makes_room_for_the_next() {
    let page = Page::new("c53");
    page.eval(
        "(server.setItem = Storage.prototype.setItem, Storage.prototype.setItem = function (key, value) {
            const ours = Object.keys(localStorage).filter((other) => other !== key && other.startsWith('c53'));
            if (ours.length > 1) throw new DOMException('full', 'QuotaExceededError');
            server.setItem.call(this, key, value);
        })",
    );
    let session = page.signed_in().await;
    assert_eq!(token(&session, FORCE).await.unwrap(), "a1");
    page.eval("(Storage.prototype.setItem = server.setItem)");
    assert_eq!(
        (page.heard(), page.stored().as_str()),
        (vec!["signedIn".into(), "refreshed".into()], "2")
    );
    session.dispose();
}

#[wasm_bindgen_test]
async fn a_request_that_never_ends_is_given_up_and_aborted() {
    let page = Page::new("slow");
    let timeout = JsValue::from(0.05);
    Reflect::set(&page.options, &"requestTimeout".into(), &timeout).unwrap();
    let session = page.signed_in().await;
    page.eval("server.next.push((_, signal) => new Promise(() => { signal.onabort = () => (server.aborted = true) }))");
    let error = token(&session, FORCE).await.unwrap_err();
    assert_eq!(code(&error), "ERR_REFRESH_UNAVAILABLE");
    assert_eq!(page.text("server.aborted"), "true");
    session.dispose();
}
