"""The browser of the tests sees complaints and requests: without that its other tests could not fail."""

import http.server
import threading

from chromium import visited
from playwright.sync_api import Browser


def test_a_request_off_this_machine_and_a_complaint_are_noticed(browser: Browser) -> None:
    class Nothing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<script>fetch('http://192.0.2.1/x'); console.error('bad')</script>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with visited(browser) as visit:
            # Never sent: the request is noticed before it leaves.
            visit.page.route("http://192.0.2.1/**", lambda route: route.abort())
            visit.page.goto(f"http://127.0.0.1:{server.server_port}/")
            visit.page.wait_for_timeout(500)
    finally:
        server.shutdown()
        server.server_close()
    assert visit.foreign() == ["http://192.0.2.1/x"]
    assert "bad" in visit.complaints
