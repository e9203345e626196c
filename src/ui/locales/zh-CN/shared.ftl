# 两个区域共用
demo-banner = 演示环境，不涉及真实资金
missing-title = 页面不存在
missing-text = 链接可能已失效或不完整。请回到商家页面重新打开。
error-reference = 问题编号

pager-label = 翻页
pager-newer = 较新
pager-older = 较早
copy = 复制
copied = 已复制

front-title = 收银台
front-text = 托管收银台：商家的服务器在此下单，顾客在此付款。本页没有需要支付的内容，付款链接由商家提供。
front-admin = 员工登录
front-docs = 接口文档
busy-title = 请稍候
busy-text = 此页面短时间内打开次数过多。您的付款不受影响，请在 { $seconds } 秒后重试。
busy-again = 重试

error-unauthenticated = 请先登录。
error-forbidden = 您的角色没有此权限。
error-not-found = 没有找到。
error-invalid = { $field }：{ $rule }
error-conflict = 状态已发生变化：{ $reason }
error-provider = 支付机构未受理：{ $message }
error-unclear = 支付机构暂未明确答复，资金不会丢失，请稍后再试。
error-too-many = 操作过于频繁，请 { $seconds } 秒后再试。
error-internal = 系统开小差了，请稍后再试。问题编号：{ $id }
error-transport = 请求未能识别，请重试。

brand-wechat = 微信支付
brand-alipay = 支付宝
brand-qq = QQ钱包
brand-unionpay = 银联云闪付
brand-baidu = 百度支付
brand-jd = 京东支付
brand-lianlian = 连连支付

method-wechat_native = 微信扫码
method-wechat_h5 = 微信 H5
method-wechat_jsapi = 微信内支付
method-wechat_mini = 微信小程序
method-wechat_app = 微信 App
method-wechat_micropay = 微信付款码
method-alipay_page = 支付宝电脑网站
method-alipay_wap = 支付宝手机网站
method-alipay_qr = 支付宝扫码
method-alipay_bar = 支付宝付款码
method-alipay_jsapi = 支付宝内支付
method-alipay_app = 支付宝 App
method-qq_native = QQ 扫码
method-qq_jsapi = QQ 内支付
method-qq_app = QQ App
method-qq_micropay = QQ 付款码
method-unionpay_web = 银联电脑网站
method-unionpay_wap = 银联手机网站
method-unionpay_app = 银联 App
method-unionpay_qr = 云闪付扫码
method-baidu_mini = 百度小程序
method-jd_web = 京东电脑网站
method-jd_h5 = 京东手机网站
method-jd_qr = 京东扫码
method-lianlian_web = 连连电脑网站
method-lianlian_wap = 连连手机网站
