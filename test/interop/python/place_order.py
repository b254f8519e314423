"""Places one order with zeep, protected as the JSON on standard input says; prints the outcome as one line of JSON.

Input: {"wsdl", "address", "ca", "security": "username-digest" | "username-text" | "x509", "name", "password",
        "key", "certificate", "service_certificate", "tamper"}
Output: {"outcome": "receipt", "orderedBy", "item"} or {"outcome": "fault" | "reply-refused", "message"}
"""

import datetime
import json
import sys

import requests
import xmlsec
import zeep
from zeep import ns
from zeep.exceptions import Fault, SignatureVerificationFailed, TransportError
from zeep.transports import Transport
from zeep.wsse import utils
from zeep.wsse.signature import BinarySignature, _make_verify_key, _verify_envelope_with_key
from zeep.wsse.username import UsernameToken


SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class TimestampedSignature(BinarySignature):
    """Signs Body and Timestamp; takes only replies that the service's certificate signed."""

    def __init__(self, key, certificate, service_certificate):
        super().__init__(
            key,
            certificate,
            signature_method=xmlsec.Transform.RSA_SHA256,
            digest_method=xmlsec.Transform.SHA256,
        )
        with open(service_certificate, "rb") as file:
            self.service_certificate = file.read()

    def apply(self, envelope, headers):
        now = datetime.datetime.now(datetime.timezone.utc)
        security = utils.get_security_header(envelope)
        security.append(
            utils.WSU.Timestamp(
                utils.WSU.Created(now.isoformat()),
                utils.WSU.Expires((now + datetime.timedelta(minutes=5)).isoformat()),
            )
        )
        return super().apply(envelope, headers)

    def verify(self, envelope):
        # A refusal comes before anybody is known to sign for: zeep raises it as the fault that it is.
        if envelope.find(f"./{{{SOAP}}}Body/{{{SOAP}}}Fault") is not None:
            return envelope
        security = envelope.find(f".//{{{ns.WSSE}}}Security")
        if security is None or security.find(f"{{{ns.DS}}}Signature") is None:
            raise SignatureVerificationFailed("the reply is not signed")
        _verify_envelope_with_key(envelope, _make_verify_key(self.service_certificate))
        return envelope


class ChangingTransport(Transport):
    """A man in the middle: changes the octets between client and service."""

    def post(self, address, message, headers):
        return super().post(address, message.replace(b">anvil<", b">crown<"), headers)


def security_of(request):
    kind = request["security"]
    if kind == "x509":
        return TimestampedSignature(request["key"], request["certificate"], request["service_certificate"])
    return UsernameToken(request["name"], request["password"], use_digest=kind == "username-digest")


def main():
    request = json.load(sys.stdin)
    session = requests.Session()
    # Otherwise a certificate bundle named by the environment takes the place of the one given here.
    session.trust_env = False
    session.verify = request["ca"]
    transport = (ChangingTransport if request.get("tamper") else Transport)(session=session, timeout=20)
    client = zeep.Client(request["wsdl"], wsse=security_of(request), transport=transport)
    service = client.create_service("{urn:example:orders}OrdersSoap", request["address"])
    try:
        receipt = service.PlaceOrder(item="anvil", quantity=2)
        return {"outcome": "receipt", "orderedBy": receipt.orderedBy, "item": receipt.item}
    except Fault as fault:
        return {"outcome": "fault", "message": str(fault.message), "code": str(fault.code)}
    except TransportError as error:
        return {"outcome": "fault", "message": f"HTTP {error.status_code}"}
    except SignatureVerificationFailed as error:
        return {"outcome": "reply-refused", "message": str(error)}


print(json.dumps(main()))
