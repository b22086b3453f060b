"""The port to a switch, in the words of CSTA (ECMA-269): calls, connections, devices, events and services."""
