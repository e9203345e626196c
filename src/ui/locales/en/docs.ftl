# The API reference; what stands between backticks is code
docs-title = Merchant API
docs-lead = Your server places orders here, your customers pay them on the checkout page, and webhooks tell your server what became of them.
docs-contents = Contents
docs-required = required
docs-openapi = For programs:

# How it goes
docs-start = How it goes
docs-start-keys = Whoever runs this cashier gives you an `app_id`, a key and a webhook secret. Keep the key and the secret on your server.
docs-start-order = Your server creates an order with `POST /api/v1/orders` and gets a `checkout_url`.
docs-start-pay = Send the payer’s browser to the `checkout_url`. The payer chooses a way to pay, and pays.
docs-start-webhook = Your server gets a webhook. Deliver only after its signature is checked.
docs-start-query = If no webhook comes, ask with `POST /api/v1/orders/query`. Only webhooks and queries prove a payment; a browser that comes back does not.

# What holds for every call
docs-basics = Conventions
docs-basics-address = Calls are POST, to addresses that begin with `{ $url }/api/v1`.
docs-basics-body = The body is one flat JSON object in UTF-8 of at most { $kib } KiB; no name may stand in it twice. What is nested travels as a JSON text in one field.
docs-basics-money = Amounts are whole numbers of fen: `12800` is ¥128.00. The currency is `CNY`.
docs-basics-integers = Whole numbers may be JSON numbers or plain decimal texts.
docs-basics-times = `timestamp` is Unix seconds. Times whose names end in `_at`, and `from` and `to`, are UTC milliseconds.
docs-basics-texts = Lengths count characters, not bytes. Emoji are fine; control and bidi-control characters are refused.
docs-basics-unknown = Fields that are not listed are signed like the others and otherwise ignored.
docs-basics-again = The same `out_order_no` or `out_refund_no` with the same values gives the same order or refund again, with other values `280202`. So a call that got no answer can be sent again, with a new `nonce` and `timestamp`.
docs-basics-checks = Checks come in this order: body, `app_id`, rate, `timestamp`, `sign`, other fields, `nonce`. A nonce counts as used only when everything before it is right.
docs-common = Fields of every call

# Signing
docs-signing = Signing
docs-signing-take = Take all fields but `sign`, and leave out those that are empty or `null`.
docs-signing-plain = Numbers and booleans count as they stand in the JSON: `12800`, `true`.
docs-signing-sort = Sort them by the bytes of their names.
docs-signing-join = Write each as `name=value` and join them with `&`: this is the text to sign. Values stay as they are, without URL encoding, in UTF-8.
docs-signing-sign = Sign the text as `sign_type` says, and put the result into `sign`.
docs-signing-hmac = HMAC-SHA256 with the app’s key, as lower-case hex. The default.
docs-signing-rsa = SHA256withRSA with your own private key, as base64. Give the public key to whoever runs this cashier first.
docs-signing-md5 = MD5 of the text, `&key=` and the app’s key, as upper-case hex. Only where the app allows it.
docs-example = A signed request
docs-example-about = An order is created. `attach` is empty, so it is not signed; the `&` and `=` of `return_url` stay as they are.
docs-example-key = The app’s key (an example; no app has it)
docs-example-text = The text to sign
docs-example-sign = The signature
docs-example-request = The whole body

# Answers
docs-answers = Answers
docs-answers-shape = An answer is a JSON object with `code`, `message`, `data`, `request_id`, `timestamp` and `sign`. With the code `000000` the call is done and `data` holds its result; the other codes are listed below.
docs-answers-fault = When a field is at fault, `data.field` names the first one and `data.rule` says what it may hold. With questions, give the `request_id`.
docs-answers-sign = Answers are signed in the same way as requests, over `code`, `message`, `data`, `request_id` and `timestamp`. `data` counts as the exact text that arrived, so cut it out before the JSON is parsed; `null` counts as empty.
docs-answers-type = The `sign_type` is that of the request, or HMAC-SHA256 where that was at fault. HMAC-SHA256 and MD5 use the app’s key; RSA2 uses the platform’s key, whose public half is on the app’s page in the admin panel.
docs-answers-unsigned = What is answered before the app is known has no `sign`, such as an unreadable or too large body (HTTP 413) or `280104`; neither has `280601`.
docs-answers-sample = The answer to the request above

# Calls
docs-calls = Calls
docs-one-of = One of { $names } is required.
docs-data = `data` of the answer:
docs-next = What a started payment asks for
docs-next-about = In the answer to a started payment, `next.type` says what comes next:
docs-step-qr = Show `code_url` as a QR code; it is valid until `expires_at`.
docs-step-redirect = Send the payer’s browser to `url`.
docs-step-form = Let the payer’s browser post `fields` to `action` as a form.
docs-step-invoke = Give `params` as they are to the wallet’s interface that `bridge` names.
docs-step-wait = The payer is typing a password; query the order in a moment.
docs-step-done = It is paid.

# The payer's browser
docs-link = Checkout link
docs-link-about = An order without a call: a browser opens `/cashier` with the signed fields of an order as a query or form. The answer is 303 to the checkout.
docs-link-again = Opened again, a link leads to the same checkout while its order exists, whatever its `nonce` and `timestamp`.
docs-link-long = The address may be { $kib } KiB long; use a form for more.
docs-link-fault = Where a link is wrong, the payer sees a page that says so, with a reference.
docs-link-sample = The order above as a link
docs-return = The way back
docs-return-about = After paying, the browser goes to `return_url` with { $names } appended. Your own query stays.
docs-return-sign = The signature covers the appended fields only, in the same way as a request. It is HMAC-SHA256, or RSA2 with the platform’s key where the app is set so.
docs-return-proof = They are for display only and prove no payment.
docs-return-cancel = Without paying, the browser goes to `cancel_url`, with nothing appended.

# Webhooks
docs-webhooks = Webhooks
docs-webhooks-about = They are posted to the order’s `notify_url`, or else to the app’s address; a refund may have a `notify_url` of its own. By Standard Webhooks the body is JSON with `type`, `timestamp` (RFC 3339) and `data`.
docs-events = Types
docs-event-order_paid = The order is paid. `data` is the order.
docs-event-order_closed = The order is closed: expired, or closed by you or by staff. `data` is the order.
docs-event-refund_succeeded = The refund succeeded. `data` is the refund.
docs-event-refund_failed = The refund failed. `data` is the refund.
docs-event-case_opened = Money arrived where none was awaited: late, twice, another amount, or for no order. `data` is the case.
docs-event-case_resolved = Such a case is settled. `data` is the case.
docs-delivery = Answers and tries
docs-delivery-answer = Any 2xx within 15 s means delivered. Redirects are not followed; after 410 nothing is sent again.
docs-delivery-again = Otherwise we try again after { $gaps }, each give or take a fifth. What is not delivered by then counts as failed and can be sent again from the admin panel.
docs-delivery-twice = A webhook may arrive twice, or later than one that was made after it. Recognise repeats by `webhook-id`, and go by the state in `data`.
docs-verify = Checking the signature
docs-header-webhook-id = The number of the event, the same on every try.
docs-header-webhook-timestamp = When this try was made, Unix seconds.
docs-header-webhook-signature = `v1,` and a signature in base64. While the secret is being changed there are two, with a space between.
docs-verify-key = Take `whsec_` off the webhook secret and decode the rest from base64: this is the key.
docs-verify-text = Join `webhook-id`, `webhook-timestamp` and the body as it arrived with `.` between them.
docs-verify-mac = Make the HMAC-SHA256 of that text, as base64. It must be the same as one of the signatures after `v1,`.
docs-verify-fresh = Refuse a `webhook-timestamp` that is more than 5 minutes away from your clock.
docs-verify-secret = The webhook secret (an example; no app has it)
docs-verify-headers = Headers
docs-verify-body = Body

# What is looked up
docs-objects = Objects
docs-objects-about = Calls and webhooks have the same objects. The fields of payments and refunds are those in `payments` and `refunds` of an order. Fields may be added; none is renamed or taken away.
docs-object-order = Order
docs-object-case = Case
docs-words = Fields with fixed words
docs-methods = Methods
docs-methods-about = Which of them an app has depends on its channels. The facts a method needs stand in `extra` of the order; `user_id` may also be the order’s own field, `openid` may also come with the call that starts a payment, and `auth_code` comes with it only. Without them that call answers `280001`.
docs-col-code = Code
docs-col-method = Method
docs-col-needs = Needs
docs-col-when = Meaning
docs-codes = Codes

docs-gap-s = { $number } s
docs-gap-min = { $number } min
docs-gap-h = { $number } h
