# 收银台
checkout-title = 向 { $merchant } 付款
order-number = 订单号
pay-within = 请在 { $time } 内完成支付
secured = 支付信息经加密传输
contact = 如有疑问，请联系商家：

unknown-order-title = 订单不存在
unknown-order-text = 链接可能已失效或不完整，未发生扣款。请回到商家页面重新下单。
broken-title = 暂时无法打开收银台

choose-title = 选择支付方式
choose-none = 当前没有可用的支付方式，未发生扣款。请换个浏览器打开，或联系商家。
recommended = 推荐
continue = 继续
back-to-payment = 返回当前支付
other-method = 换个支付方式
check-again = 刷新查看结果
paid-check = 我已付款，查看结果
give-up = 放弃支付
back-to-shop = 返回商家

how-scan = 打开{ $brand }扫一扫
how-second = 需用另一台手机打开{ $brand }扫码
how-inside = 在当前应用内直接付款
how-follow = 前往{ $brand }完成付款
limits = 单笔限额 ¥{ $min } 至 ¥{ $max }

obstacle-inside_only = 仅可在{ $brand }应用内使用
obstacle-open_browser = 当前应用内无法使用，请用手机浏览器打开
obstacle-phone_only = 仅支持手机浏览器
obstacle-amount = 超出该方式的限额
obstacle-not_prepared = 商家暂未开通此方式

fact-user_name = 付款人姓名
fact-id_no = 身份证号
fact-phone = 手机号

qr-label = { $brand }付款二维码
scan-open = 打开{ $brand }
scan-scan = 扫描二维码
scan-second = 用另一台手机扫码
scan-confirm = 确认付款
new-code = 获取新的二维码
going = 正在前往{ $brand }…
go-to = 前往{ $brand }付款
finish-there = 请在支付页面完成付款，完成后会自动回到这里。
finish-in-wallet = 请在手机上输入密码完成付款。
bridge-note = 将在{ $brand }内完成付款。
bridge-missing = 请在{ $brand }内打开本页，或换个支付方式。

confirming-title = 正在确认支付结果
confirming-text = 正在向{ $brand }核实，通常只需几秒。确认前请勿重复付款。
not-paid-yet = 还没付款？继续支付

paid-title = 支付成功
paid-text = 商家已收到您的付款。
paid-at = 支付时间
paid-by = 支付方式
our-number = 支付单号
refunded = 已退款
return-to = 返回 { $merchant }
return-soon = { $seconds } 秒后自动返回
return-stop = 留在此页
close-page = 您可以关闭本页。

failed-title = 这次没有付成
failed-text = { $brand }未完成扣款，资金没有变动。您可以重试，或换个支付方式。
provider-said = { $brand }的说明：{ $words }
try-again = 重新支付

expired-title = 订单已超时
expired-text = 未在时限内收到付款，请勿再支付。若您已经付款，款项到账后会原路退回或由商家处理。
closed-title = 订单已关闭
closed-text = 商家已关闭此订单，未收到付款。若您已经付款，款项到账后会原路退回或由商家处理。

guide-title = 请用浏览器打开
guide-text = 当前应用内无法付款，换到手机浏览器即可继续。
guide-menu = 点右上角菜单
guide-browser = 选择“在浏览器打开”
guide-pay = 在浏览器中完成付款，本页会同步结果
guide-methods = 查看全部支付方式

unexpected-late = 订单关闭后，我们收到了您的付款。
unexpected-duplicate = 订单支付后，我们又收到一笔付款。
unexpected-amount_mismatch = 我们收到了一笔付款，但金额与订单不符。
outcome-checking = 正在核实，这笔钱不会丢失，如有结果会通知商家。
outcome-going_back = 这笔钱正在原路退回。
outcome-went_back = 这笔钱已原路退回，到账时间以支付机构为准。
outcome-kept = 这笔钱已用于支付本订单。
outcome-settled = 这笔钱已由商家处理，详情请联系商家。
demo-wallet = 演示：用模拟钱包打开此码

sign-in-state = 操作已超时，或不是从这里发起的，未发生扣款。请重新选择支付方式。
sign-in-refused = 未能确认付款人身份，未发生扣款。请重试，或换个支付方式。

one-title = 多合一收款码
one-line = 用{ $wallets }扫一扫
one-open = 打开{ $wallets }
one-label = 本订单的付款二维码，支持多个应用
one-single = 或使用单个应用的二维码
on-phone = 这笔付款已在手机的{ $brand }中打开，请在手机上完成。
list-comma = 、
