# Used by both areas
demo-banner = Demo, no real money
missing-title = Page not found
missing-text = The link may be outdated or incomplete. Please open it again from the merchant’s page.
error-reference = Reference

pager-label = Pages
pager-newer = newer
pager-older = older
copy = Copy
copied = Copied

front-title = Cashier
front-text = A hosted checkout: merchants’ servers place orders here, and their customers pay them. There is nothing to pay at this address itself; a checkout link comes from the merchant.
front-admin = Staff sign-in
front-docs = API reference
busy-title = One moment, please
busy-text = This page was opened too often in a short time. Your payment is not affected. Please try again in { $seconds } s.
busy-again = Try again

error-unauthenticated = Please sign in first.
error-forbidden = Your role does not allow this.
error-not-found = Not found.
error-invalid = { $field }: { $rule }
error-conflict = It changed in the meantime: { $reason }
error-provider = The payment provider declined: { $message }
error-unclear = The payment provider has not given a clear answer yet. No money is lost; please try again in a moment.
error-too-many = Too many attempts. Please try again in { $seconds } s.
error-internal = Something went wrong on our side. Please try again in a moment. Reference: { $id }
error-transport = The request could not be understood. Please try again.

brand-wechat = WeChat Pay
brand-alipay = Alipay
brand-qq = QQ Wallet
brand-unionpay = UnionPay
brand-baidu = Baidu Pay
brand-jd = JD Pay
brand-lianlian = LianLian Pay

method-wechat_native = WeChat QR code
method-wechat_h5 = WeChat H5
method-wechat_jsapi = WeChat JSAPI
method-wechat_mini = WeChat mini program
method-wechat_app = WeChat app
method-wechat_micropay = WeChat payment code
method-alipay_page = Alipay website
method-alipay_wap = Alipay mobile web
method-alipay_qr = Alipay QR code
method-alipay_bar = Alipay payment code
method-alipay_jsapi = Alipay JSAPI
method-alipay_app = Alipay app
method-qq_native = QQ QR code
method-qq_jsapi = QQ JSAPI
method-qq_app = QQ app
method-qq_micropay = QQ payment code
method-unionpay_web = UnionPay website
method-unionpay_wap = UnionPay mobile web
method-unionpay_app = UnionPay app
method-unionpay_qr = UnionPay QR code
method-baidu_mini = Baidu mini program
method-jd_web = JD website
method-jd_h5 = JD mobile web
method-jd_qr = JD QR code
method-lianlian_web = LianLian website
method-lianlian_wap = LianLian mobile web
