# What the calls of the merchant API are, for its reference; what stands between backticks is code.
# `openapi.json` has these texts too

# Fields of every call
api-common-app_id = Your app.
api-common-timestamp = Unix seconds, at most 300 s away from our clock.
api-common-nonce = 8 to 64 characters, never used before.
api-common-sign_type = HMAC-SHA256 (absent: this), RSA2, or MD5 where the app allows it.
api-common-sign = The signature over all other fields.

# POST /api/v1/orders
api-call-orders = Creates an order. The same number with the same values gives the same order again.
api-field-orders-out_order_no = Your number of the order, once per app.
api-field-orders-amount = Fen.
api-field-orders-subject = What is paid for; the payer reads it.
api-field-orders-body = More about it.
api-field-orders-currency = The only currency.
api-field-orders-methods = Methods to offer; absent: all that the app has.
api-field-orders-notify_url = Where webhooks of this order go; absent: the app's address.
api-field-orders-return_url = Where the payer goes back to after paying, with signed fields appended.
api-field-orders-cancel_url = Where the payer goes back to without paying.
api-field-orders-show_url = A page about what is paid for.
api-field-orders-expires_in = Seconds; absent: the app's default.
api-field-orders-attach = Yours; comes back in every answer and webhook.
api-field-orders-client_ip = The payer's address.
api-field-orders-user_id = Your id of the payer.
api-field-orders-platform = Yours, for your own statistics.
api-field-orders-scene = Yours, for your own statistics.
api-field-orders-refers = JSON array of {"{"}type, refer_id{"}"}: what of yours the order belongs to.
api-field-orders-extra = JSON object of facts that some methods need: openid, user_name, id_no, phone.
api-answer-orders = order_no, out_order_no, amount, status, checkout_url, expires_at, created_at

# POST /api/v1/orders/query
api-call-orders-query = The whole order with its payments, refunds and cases.
api-field-orders-query-order_no = Our number of the order.
api-field-orders-query-out_order_no = Your number of the order.
api-answer-orders-query = order

# POST /api/v1/orders/close
api-call-orders-close = Closes an order, at the providers too. Money that is found there makes it paid instead.
api-field-orders-close-order_no = Our number of the order.
api-field-orders-close-out_order_no = Your number of the order.
api-answer-orders-close = order

# POST /api/v1/orders/list
api-call-orders-list = Orders of the app, newest first.
api-field-orders-list-from = Created at this time or later, UTC ms.
api-field-orders-list-to = Created before this time, UTC ms.
api-field-orders-list-status = Only orders in this state.
api-field-orders-list-method = Only orders paid, or last tried, by this method.
api-field-orders-list-cursor = next_cursor of the page before.
api-field-orders-list-limit = At most so many; absent: 20.
api-answer-orders-list = items (orders without payments, refunds, cases), next_cursor (null on the last page)

# POST /api/v1/payments
api-call-payments = Starts a payment without our page. bar stands for the bar-code method that auth_code belongs to.
api-field-payments-order_no = Our number of the order.
api-field-payments-method = How to pay.
api-field-payments-auth_code = The payer's bar code, for the bar-code methods.
api-field-payments-openid = The payer's id at the provider, for methods inside its app.
api-field-payments-client_ip = The payer's address.
api-answer-payments = pay_no, next

# POST /api/v1/refunds
api-call-refunds = Sends money back. The same number with the same values gives the same refund again.
api-field-refunds-order_no = Our number of the order.
api-field-refunds-out_order_no = Your number of the order.
api-field-refunds-out_refund_no = Your number of the refund, once per app.
api-field-refunds-amount = Fen; at most what is left of the payment.
api-field-refunds-reason = The payer may read it.
api-field-refunds-notify_url = Where webhooks of this refund go; absent: the order's address.
api-answer-refunds = refund

# POST /api/v1/refunds/query
api-call-refunds-query = One refund.
api-field-refunds-query-refund_no = Our number of the refund.
api-field-refunds-query-out_refund_no = Your number of the refund.
api-answer-refunds-query = refund

# What a field may hold. The texts are those that answers contain, word for word
api-rule-out-no = must be 1 to 64 characters of A-Z a-z 0-9 _ . -
api-rule-lookup = must be at most 64 characters
api-rule-amount = must be a whole number of fen from 1 to 1000000000000
api-rule-integer = must be a whole number from { $min } to { $max }
api-rule-integer-from = must be a whole number from { $min } to 9223372036854775807
api-rule-text = must be at most { $max } characters without control or bidi-control characters
api-rule-address = must be an absolute http or https address of at most 2048 characters without user name
api-rule-ip = must be an IP address
api-rule-word = must be { $words }
api-rule-order-status = must be created, paying, paid or closed
api-rule-method = must be a known method
api-rule-method-or-bar = must be a known method, or bar
api-rule-methods = must be known methods with commas between
api-rule-refers = must be a JSON array of objects with the texts type and refer_id
api-rule-facts = must be a JSON object of texts
api-or = or

# Codes
api-code-000000 = The call is done.
api-code-280001 = A required field is missing or empty; `data.field` names it.
api-code-280002 = A field breaks its rule (`data.field`, `data.rule`), or the body is not readable.
api-code-280101 = The signature does not fit.
api-code-280102 = The timestamp is more than 300 s away from our clock.
api-code-280103 = This nonce was used before.
api-code-280104 = The app is unknown or switched off. Not signed.
api-code-280201 = There is no such order of this app.
api-code-280202 = The order or refund number is in use with other values; `data.fields` names them.
api-code-280203 = The order is paid already.
api-code-280204 = The order is closed or expired.
api-code-280301 = The method is not offered for this order.
api-code-280302 = The amount is outside `data.min` and `data.max` of the method.
api-code-280401 = More than the `data.left` that can still be refunded.
api-code-280402 = There is no such refund of this app.
api-code-280403 = The order is not paid, so nothing can be refunded.
api-code-280501 = The provider said no; `data.code` and `data.message` are its own words.
api-code-280502 = The provider did not answer clearly. Try again or query.
api-code-280601 = Wait for the seconds in `Retry-After`. Not signed.
api-code-280900 = A fault of ours (500), or the database is not available (503).
