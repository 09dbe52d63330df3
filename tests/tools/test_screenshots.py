import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

PAGES = {
    "/sign-in/": '<form method="get" action="/in/"><input type="email" name="e"><input type="password" name="p">'
    '<button type="submit">Sign in</button></form>',
    "/in/": "<h1>Welcome</h1>",
    "/good/": "<h1>Good</h1>",
    "/wide/": '<div style="width:600px">Wide</div>',
    "/loud/": "<script>console.error('no such part')</script>",
}


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path.partition("?")[0])
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            f"<!doctype html><link rel=icon href=data:,><style>*{{margin:0}}</style>{body or ''}".encode()
        )

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def take(tool, site, tmp_path, capsys):
    def run(*arguments):
        main = tool("screenshots").main
        # In a thread of its own: the browser tests of this process keep an event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            code = thread.submit(main, ["--url", site, "--out", str(tmp_path), *arguments]).result()
        return (
            code,
            capsys.readouterr().out.splitlines()[:-1],
            sorted(path.name for path in tmp_path.iterdir()),
        )

    return run


@pytest.mark.browser
def test_a_page_is_pictured_at_three_widths_light_and_dark_once_signed_in(take):
    assert take("--email", "ada@portal.example", "--password", "a long password", "/good/") == (
        0,
        [],
        [f"good-{width}-{scheme}.png" for width in (1024, 1440, 390) for scheme in ("dark", "light")],
    )


@pytest.mark.browser
def test_what_is_wrong_with_a_page_is_said(take):
    code, said, _ = take("/wide/", "/loud/", "/gone/")
    assert code == 1
    assert [line for line in said if "light" in line and "390" in line] == [
        "/wide/ at 390 px, light: is 210 px wider than its window",
        "/loud/ at 390 px, light: the browser says: no such part",
        "/gone/ at 390 px, light: answered 404",
        (
            "/gone/ at 390 px, light: the browser says: Failed to load resource: "
            "the server responded with a status of 404 (Not Found)"
        ),
    ]
    assert [line for line in said if "/wide/ at 1440" in line] == []


def test_paths_become_file_names(tool):
    names = tool("screenshots").pages_to_picture(["/", "/initiatives/AI-0007/?tab=Gates"])
    assert names == {"home": "/", "initiatives-ai-0007-tab-gates": "/initiatives/AI-0007/?tab=Gates"}
