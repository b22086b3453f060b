"""The port of the web server that phones are told."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.phone_pushes import http_port


class PortTests(SynchronousTestCase):
    def test_table(self) -> None:
        for listen, port in (
            (("tcp:8080",), 8080),
            (("tcp:port=8081:interface=10.0.0.5",), 8081),
            (("ssl:8443:privateKey=k.pem:certKey=c.pem", "tcp6:8082"), 8082),
            (("unix:/run/magroup.sock",), 0),
            (("tcp:0",), 0),
            ((), 0),
        ):
            self.assertEqual(http_port(listen), port, listen)
