# The checkout page
checkout-title = Pay { $merchant }
order-number = Order
pay-within = Please pay within { $time }
secured = Sent over an encrypted connection
contact = Questions? Contact the merchant:

unknown-order-title = Order not found
unknown-order-text = The link may be outdated or incomplete. No money was taken. Please order again on the merchant’s page.
broken-title = The checkout cannot be shown right now

choose-title = Pay with
choose-none = No way to pay works here. No money was taken. Please open this page in another browser, or contact the merchant.
recommended = Recommended
continue = Continue
back-to-payment = Back to the current payment
other-method = Pay another way
check-again = Check again
paid-check = I have paid, check now
give-up = Cancel and leave
back-to-shop = Back to the merchant

how-scan = Scan with { $brand }
how-second = Scan with { $brand } on another phone
how-inside = Pay right here in this app
how-follow = Continue on { $brand }
limits = From ¥{ $min } to ¥{ $max } per payment

obstacle-inside_only = Works inside the { $brand } app only
obstacle-open_browser = Not possible in this app; open the page in your browser
obstacle-phone_only = Works in a phone’s browser only
obstacle-amount = The amount is outside of this method’s limits
obstacle-not_prepared = Not offered by this merchant

fact-user_name = Name of the payer
fact-id_no = ID card number
fact-phone = Phone number

qr-label = { $brand } payment QR code
scan-open = Open { $brand }
scan-scan = Scan the code
scan-second = Scan from another phone
scan-confirm = Confirm
new-code = Get a new code
going = Taking you to { $brand }…
go-to = Continue to { $brand }
finish-there = Please finish on the payment page. You will come back here afterwards.
finish-in-wallet = Please enter your password on your phone.
bridge-note = The payment takes place inside { $brand }.
bridge-missing = Please open this page inside { $brand }, or pay another way.

confirming-title = Confirming your payment
confirming-text = We are checking with { $brand }. This usually takes a few seconds; please do not pay again meanwhile.
not-paid-yet = Not paid yet? Continue

paid-title = Payment received
paid-text = The merchant has received your payment.
paid-at = Time
paid-by = Paid with
our-number = Payment number
refunded = Refunded
return-to = Back to { $merchant }
return-soon = Returning in { $seconds } s
return-stop = Stay here
close-page = You can close this page.

failed-title = The payment did not go through
failed-text = { $brand } did not complete it and no money was taken. You can try again or pay another way.
provider-said = { $brand } says: { $words }
try-again = Try again

expired-title = This order has expired
expired-text = No payment arrived in time; please do not pay any more. If you did pay, the money goes back to you or the merchant settles it once it arrives.
closed-title = This order is closed
closed-text = The merchant closed this order and no payment was received. If you did pay, the money goes back to you or the merchant settles it once it arrives.

guide-title = Please open this page in your browser
guide-text = This app does not allow the payment. In your phone’s browser it works.
guide-menu = Tap the menu at the top right
guide-browser = Choose “Open in browser”
guide-pay = Pay there; this page shows the result
guide-methods = Show all ways to pay

unexpected-late = We received your money after the order was closed.
unexpected-duplicate = We received a second payment after the order was paid.
unexpected-amount_mismatch = We received a payment, but its amount differs from the order.
outcome-checking = It is being checked and will not get lost; the merchant is informed of the result.
outcome-going_back = It is on its way back to you.
outcome-went_back = It was sent back to you; when it arrives depends on the provider.
outcome-kept = It was used to pay this order.
outcome-settled = The merchant has settled it; please contact the merchant for details.
demo-wallet = Demo: open this code in the simulated wallet

sign-in-state = That took too long, or it was begun somewhere else. No money was taken; please choose again how to pay.
sign-in-refused = The app did not tell us who is paying. No money was taken; please try again or pay another way.

one-title = One code for all
one-line = Scan with { $wallets }
one-open = Open { $wallets }
one-label = QR code of this order, for several payment apps
one-single = Or the code of one app
on-phone = This payment was opened in { $brand } on a phone. Please finish it there.
list-comma = {", "}
