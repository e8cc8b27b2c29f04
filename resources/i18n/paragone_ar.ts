<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ar" sourcelanguage="en">
 <context>
  <name>Paragone</name>
  <message>
   <source>${amount}</source>
   <translation>‎${amount}‎</translation>
  </message>
  <message>
   <source>${price_in} in, ${price_out} out per 1M</source>
   <translation>‏‎${price_in}‎ للإدخال و‎${price_out}‎ للإخراج لكل مليون</translation>
  </message>
  <message>
   <source>&amp;Accept</source>
   <translation>قبول</translation>
  </message>
  <message>
   <source>&amp;Always allow</source>
   <translation>السماح دائمًا</translation>
  </message>
  <message>
   <source>&amp;Cancel</source>
   <translation>إلغاء</translation>
  </message>
  <message>
   <source>&amp;Chat</source>
   <translation>محادثة</translation>
  </message>
  <message>
   <source>&amp;Decline</source>
   <translation>رفض</translation>
  </message>
  <message>
   <source>&amp;Deny</source>
   <translation>منع</translation>
  </message>
  <message>
   <source>&amp;Edit</source>
   <translation>تحرير</translation>
  </message>
  <message>
   <source>&amp;File</source>
   <translation>ملف</translation>
  </message>
  <message>
   <source>&amp;Help</source>
   <translation>مساعدة</translation>
  </message>
  <message>
   <source>&amp;Not now</source>
   <translation>ليس الآن</translation>
  </message>
  <message>
   <source>&amp;Open in browser</source>
   <translation>فتح في المتصفح</translation>
  </message>
  <message>
   <source>&amp;Send to model</source>
   <translation>إرسال إلى النموذج</translation>
  </message>
  <message>
   <source>&amp;Sign in…</source>
   <translation>تسجيل الدخول…</translation>
  </message>
  <message>
   <source>&amp;View</source>
   <translation>عرض</translation>
  </message>
  <message>
   <source>&amp;Withhold</source>
   <translation>حجب</translation>
  </message>
  <message>
   <source>(in {n} of its {all} responses)</source>
   <translation>({n} من {all} من إجاباته)</translation>
  </message>
  <message>
   <source>+ Add pane</source>
   <translation>+ لوحة</translation>
  </message>
  <message>
   <source>+ Chat</source>
   <translation>+ دردشة</translation>
  </message>
  <message>
   <source>+ Comparison</source>
   <translation>+ مقارنة</translation>
  </message>
  <message>
   <source>+ Contender</source>
   <translation>+ متنافس</translation>
  </message>
  <message>
   <source>+ Grader</source>
   <translation>+ مقيّم</translation>
  </message>
  <message>
   <source>+ Prompt</source>
   <translation>+ طلب</translation>
  </message>
  <message>
   <source>+ Successor</source>
   <translation>+ بديل</translation>
  </message>
  <message>
   <source>+{n}</source>
   <translation>‎+{n}</translation>
  </message>
  <message>
   <source>+{percent}%</source>
   <translation>‎+{percent}%</translation>
  </message>
  <message>
   <source>+{points}</source>
   <translation>‎+{points}</translation>
  </message>
  <message>
   <source>--key-env expects the variable's name, not the key itself. To pass the key, use --key-stdin.</source>
   <translation>يأخذ ‎--key-env‎ اسم المتغيّر لا المفتاح نفسه؛ أما ‎--key-stdin‎ فيقرأ مفتاحًا.</translation>
  </message>
  <message>
   <source>0%</source>
   <translation>0%</translation>
  </message>
  <message>
   <source>0%: same words. 100%: no words in common. A difference between models no larger than within one model is noise.</source>
   <translation>0% تعني الكلمات نفسها، و100% لا كلمة مشتركة. ما لا يبعد عن غيره أكثر من بعده عن نفسه فهو تشويش.</translation>
  </message>
  <message>
   <source>0: until Paragone quits</source>
   <translation>0 لهذا التشغيل فقط</translation>
  </message>
  <message>
   <source>95%</source>
   <translation>95%</translation>
  </message>
  <message>
   <source>95% CI</source>
   <translation>مجال 95 %</translation>
  </message>
  <message>
   <source>95% CI of the pass rate</source>
   <translation>فترة الثقة 95% لمعدل النجاح</translation>
  </message>
  <message>
   <source>95% CI {low}% to {high}%</source>
   <translation>مجال الثقة 95%: من {low}% إلى {high}%</translation>
  </message>
  <message>
   <source>95% interval {low} to {high} points, corrected for {n} successors.</source>
   <translation>مجال الثقة 95%: من {low} إلى {high} نقطة، مصحّحًا لعدد البدائل ({n}).</translation>
  </message>
  <message>
   <source>95% interval {low} to {high} points.</source>
   <translation>مجال الثقة 95%: من {low} إلى {high} نقطة.</translation>
  </message>
  <message>
   <source>95%, corrected for {n} successors</source>
   <translation>95%، مصحّحًا لعدد البدائل ({n})</translation>
  </message>
  <message>
   <source>: “{reason}”.</source>
   <translation>: «{reason}».</translation>
  </message>
  <message>
   <source>&lt;${amount}</source>
   <translation>‎&lt;${amount}‎</translation>
  </message>
  <message>
   <source>&lt;{least}</source>
   <translation>‎&lt;{least}‎</translation>
  </message>
  <message>
   <source>A PEM file with root certificates to trust in addition to the system's.</source>
   <translation>ملف PEM لشهادات جذر يوثق بها إلى جانب شهادات النظام.</translation>
  </message>
  <message>
   <source>A batch cannot be stopped at a cap, and the responses from {contender} have no maximum length.</source>
   <translation>لا يمكن إيقاف دفعة عند حدّ أعلى، وليس لإجابات {contender} طول أقصى.</translation>
  </message>
  <message>
   <source>A batch sends each case in a single request, but case {number} has several turns.</source>
   <translation>تسأل الدفعة كل حالة مرة واحدة، وللحالة {number} عدة أدوار.</translation>
  </message>
  <message>
   <source>A blind round needs two panes with different models: add a pane.</source>
   <translation>تحتاج الجولة العمياء إلى لوحين لكل منهما نموذج: أضف لوحًا.</translation>
  </message>
  <message>
   <source>A blind round was not finished. The round is now a comparison without a vote.</source>
   <translation>لم تنتهِ جولة عمياء: صارت بين المقارنات، وليس لها صوت.</translation>
  </message>
  <message>
   <source>A comparison</source>
   <translation>مقارنة</translation>
  </message>
  <message numerus="yes">
   <source>A comparison can have up to {n} panes. You can raise the limit to 16 in the settings.</source>
   <translation>
    <numerusform>أقصى ما تضمه المقارنة لا لوحات. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
    <numerusform>أقصى ما تضمه المقارنة لوحة واحدة. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
    <numerusform>أقصى ما تضمه المقارنة لوحتان. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
    <numerusform>أقصى ما تضمه المقارنة {n} لوحات. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
    <numerusform>أقصى ما تضمه المقارنة {n} لوحة. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
    <numerusform>أقصى ما تضمه المقارنة {n} لوحة. يمكن رفع الحد إلى 16 من الإعدادات.</numerusform>
   </translation>
  </message>
  <message>
   <source>A contender needs a model in the form connection/model.</source>
   <translation>يحتاج المتنافس إلى نموذج، بالصيغة اتصال/نموذج.</translation>
  </message>
  <message>
   <source>A contender's name can have at most {most} characters.</source>
   <translation>لاسم المتنافس {most} حرف على الأكثر.</translation>
  </message>
  <message>
   <source>A content filter stopped the response.</source>
   <translation>قطع مرشّح المحتوى الجواب.</translation>
  </message>
  <message>
   <source>A conversation is imported only if all its messages are text from the user.</source>
   <translation>لا تُؤخذ المحادثة إلا إذا كان المستخدم وحده يتكلم فيها، ونصًا.</translation>
  </message>
  <message>
   <source>A database index refers to a conversation that does not exist.</source>
   <translation>يشير فهرس في قاعدة البيانات إلى محادثة غير موجودة.</translation>
  </message>
  <message>
   <source>A disk error occurred at {place} ({reason}).</source>
   <translation>تعطّل القرص عند ‎{place}‎ ({reason}).</translation>
  </message>
  <message>
   <source>A disk error occurred while reading or writing {path} ({error}).</source>
   <translation>تعطّل القرص أثناء قراءة ‎{path}‎ أو الكتابة فيه ({error}).</translation>
  </message>
  <message>
   <source>A document for Word or LibreOffice, without reasoning.</source>
   <translation>مستند لبرنامج Word أو LibreOffice، من دون التفكير.</translation>
  </message>
  <message>
   <source>A field is invalid: {error}.</source>
   <translation>حقل غير مناسب: {error}.</translation>
  </message>
  <message>
   <source>A file belonging to {name} could not be deleted: {message}</source>
   <translation>تعذّر حذف ملف من {name}: {message}</translation>
  </message>
  <message>
   <source>A file in the log folder records when data was sent, to which model and server, and how much, but not its contents. If the log cannot be written, nothing is sent.</source>
   <translation>ملف في مجلد السجل يذكر متى أُرسل شيء وإلى أي نموذج وخادم وبأي مقدار، ولا يذكر المحتوى. ما لا يمكن تسجيله لا يُرسل.</translation>
  </message>
  <message>
   <source>A grader must be a table with a type, not {kind}.</source>
   <translation>المُقيِّم جدول له نوع، وليس {kind}.</translation>
  </message>
  <message>
   <source>A grader needs one of these types: {names}.</source>
   <translation>يحتاج المُقيِّم إلى نوع: {names}.</translation>
  </message>
  <message>
   <source>A guard or policy blocked the request.</source>
   <translation>رُفض الجواب في الطريق.</translation>
  </message>
  <message>
   <source>A header for the connection “{name}” contains characters that are not allowed in headers.</source>
   <translation>تحتوي إحدى ترويسات الاتصال «‎{name}‎» على محارف لا تصلح في الترويسات.</translation>
  </message>
  <message>
   <source>A header has a value but no name.</source>
   <translation>لإحدى الترويسات قيمة بلا اسم.</translation>
  </message>
  <message>
   <source>A is better</source>
   <translation>‏A أفضل</translation>
  </message>
  <message>
   <source>A judge in this suite has no model, so it did not grade anything.</source>
   <translation>حَكَم في هذه المجموعة لا يسمّي نموذجًا يحكم: لم يحكم على شيء.</translation>
  </message>
  <message>
   <source>A judge model has preferences of its own: for length, for a position, for models of its maker. Its verdicts decide nothing alone; they only make your own reviews more precise.</source>
   <translation>للنموذج الحَكَم ميوله الخاصة: إلى الطول، وإلى موضع معيّن، وإلى نماذج الشركة التي صنعته. أحكامه وحدها لا تحسم شيئًا، وإنما تزيد مراجعاتك أنت دقةً.</translation>
  </message>
  <message>
   <source>A kind and clear answer to a customer's message</source>
   <translation>ردّ لطيف وواضح على رسالة عميل</translation>
  </message>
  <message>
   <source>A kind reply to a customer whose package is late</source>
   <translation>ردّ لطيف على عميل تأخّر طرده</translation>
  </message>
  <message>
   <source>A list can have at most {most} graders.</source>
   <translation>تضم القائمة {most} مقيّم على الأكثر.</translation>
  </message>
  <message>
   <source>A list of servers is expected under “mcpServers”.</source>
   <translation>يُتوقع أن تكون تحت «mcpServers» قائمة خوادم.</translation>
  </message>
  <message>
   <source>A message field is longer than {most} characters.</source>
   <translation>أحد حقول رسالة أطول من {most} محرف.</translation>
  </message>
  <message>
   <source>A message has more than {most} files.</source>
   <translation>رسالة فيه تحتوي على أكثر من {most} ملف.</translation>
  </message>
  <message>
   <source>A message in “{title}” already belongs to another conversation.</source>
   <translation>إحدى رسائل «{title}» جزء من محادثة أخرى بالفعل.</translation>
  </message>
  <message>
   <source>A message in “{title}” comes before its parent, or its parent is missing.</source>
   <translation>إحدى رسائل «{title}» ترد قبل رسالتها الأصل أو من دونها.</translation>
  </message>
  <message>
   <source>A message is larger than {most} MB.</source>
   <translation>فيها رسالة أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>A message's parent is in another conversation or missing.</source>
   <translation>الرسالة الأصل لإحدى الرسائل ليست جزءًا من محادثتها.</translation>
  </message>
  <message>
   <source>A model does not have the format connection/name.</source>
   <translation>لم يُكتب أحد النماذج على صورة connection/name.</translation>
  </message>
  <message>
   <source>A name must be text, not {kind}.</source>
   <translation>الاسم نص، وليس {kind}.</translation>
  </message>
  <message>
   <source>A nested assertion set was not imported.</source>
   <translation>لا تُؤخذ مجموعة داخل مجموعة.</translation>
  </message>
  <message>
   <source>A pair counts 1 if the successor is better, 0 if the incumbent is better, and ½ for a tie. The pairs of one conversation are averaged first, because they are not independent. The result is the mean over {n} conversations, shown as wins minus losses per 100 pairs.</source>
   <translation>يُحسب الزوج 1 إذا كان البديل أفضل، و0 إذا كان النموذج القديم أفضل، و½ عند التعادل. يُؤخذ أولًا متوسط أزواج كل محادثة لأنها غير مستقلة بعضها عن بعض. النتيجة هي المتوسط على المحادثات (وعددها {n})، معروضًا كفارق بين مرات الفوز ومرات الخسارة لكل 100 زوج.</translation>
  </message>
  <message>
   <source>A preset can have at most {variables} variables with at most {choices} choices each.</source>
   <translation>يتّسع الإعداد المسبق لما لا يزيد على {variables} من المتغيّرات، لكل منها {choices} من الخيارات.</translation>
  </message>
  <message>
   <source>A preset needs a title and a system prompt.</source>
   <translation>يحتاج الإعداد المسبق إلى عنوان وموجّه نظام.</translation>
  </message>
  <message>
   <source>A prompt can contain variables such as {{mail}}; each case provides their values. Every contender receives every prompt for every case.</source>
   <translation>قد يحوي الطلب متغيرات مثل {{mail}}، وتقول كل حالة ما يحل محلها. يُسأل كل متنافس كل طلب في كل حالة.</translation>
  </message>
  <message numerus="yes">
   <source>A prompt can have at most {n} files. Not attached: {names}.</source>
   <translation>
    <numerusform>يأخذ الطلب {n} ملف على الأكثر. ما لم يُرفق: {names}.</numerusform>
    <numerusform>يأخذ الطلب ملفًا واحدًا على الأكثر. ما لم يُرفق: {names}.</numerusform>
    <numerusform>يأخذ الطلب ملفين على الأكثر. ما لم يُرفق: {names}.</numerusform>
    <numerusform>يأخذ الطلب {n} ملفات على الأكثر. ما لم يُرفق: {names}.</numerusform>
    <numerusform>يأخذ الطلب {n} ملفًا على الأكثر. ما لم يُرفق: {names}.</numerusform>
    <numerusform>يأخذ الطلب {n} ملف على الأكثر. ما لم يُرفق: {names}.</numerusform>
   </translation>
  </message>
  <message>
   <source>A prompt must be text, a list of turns, or a table with turns.</source>
   <translation>الموجِّه نص، أو قائمة أدوار، أو جدول فيه turns.</translation>
  </message>
  <message>
   <source>A prompt that is not text was not imported.</source>
   <translation>لا يُؤخذ موجِّه ليس نصًا.</translation>
  </message>
  <message>
   <source>A proxy in front of {host} timed out before the model responded ({status}){said}</source>
   <translation>استسلم وكيل في الطريق إلى {host} قبل أن يجيب النموذج ({status}){said}</translation>
  </message>
  <message>
   <source>A proxy may be compressing responses. Turn off compression for this host.</source>
   <translation>قد يضغط وكيلٌ في الطريق الإجابات؛ يجب ألا يفعل ذلك لهذا المضيف.</translation>
  </message>
  <message>
   <source>A proxy may have damaged the response.</source>
   <translation>ربما أفسده وكيل في الطريق.</translation>
  </message>
  <message>
   <source>A question whose turns are not all text was not imported.</source>
   <translation>لا يُؤخذ سؤال بلا أدوار نصية.</translation>
  </message>
  <message>
   <source>A quotation mark is not closed.</source>
   <translation>علامة اقتباس لم تُغلق.</translation>
  </message>
  <message>
   <source>A replay has at most {most} turns.</source>
   <translation>أقصى عدد للأدوار في إعادة التشغيل هو {most}.</translation>
  </message>
  <message>
   <source>A replay has one to {most} successors.</source>
   <translation>لإعادة التشغيل بديل واحد على الأقل و{most} على الأكثر.</translation>
  </message>
  <message>
   <source>A response failed: votes in this round do not count.</source>
   <translation>فشلت إجابة: لا يُحسب صوت على هذه الجولة.</translation>
  </message>
  <message>
   <source>A response has fewer than {n} words, so each word has a large effect.</source>
   <translation>في إجابة ما أقل من {n} كلمة: كلمة واحدة زيادة أو نقصًا كثيرة هناك.</translation>
  </message>
  <message>
   <source>A response in this turn failed: the vote does not count.</source>
   <translation>فشلت إجابة في هذا الدور: الصوت لا يُحتسب.</translation>
  </message>
  <message>
   <source>A response in this turn reached its limit: the vote does not count.</source>
   <translation>بلغت إجابة في هذا الدور حدها: الصوت لا يُحتسب.</translation>
  </message>
  <message>
   <source>A response in this turn was stopped: the vote does not count.</source>
   <translation>أُوقفت إجابة في هذا الدور: الصوت لا يُحتسب.</translation>
  </message>
  <message>
   <source>A response is being generated in this conversation.</source>
   <translation>تُكتب إجابة في هذه المحادثة الآن.</translation>
  </message>
  <message>
   <source>A response is ended after this many rounds of tool calls.</source>
   <translation>تنتهي الإجابة بعد هذا العدد من جولات استدعاء الأدوات.</translation>
  </message>
  <message>
   <source>A response names a model or its publisher: the ranking can exclude this vote.</source>
   <translation>تذكر إجابة نموذجًا أو صانعه: يمكن للترتيب أن يترك هذا الصوت.</translation>
  </message>
  <message>
   <source>A response passes if it</source>
   <translation>تنجح الإجابة إذا كانت</translation>
  </message>
  <message>
   <source>A response reached its limit: votes in this round do not count.</source>
   <translation>بلغت إجابة حدها: لا يُحسب صوت على هذه الجولة.</translation>
  </message>
  <message>
   <source>A response reached the run's cap.</source>
   <translation>بلغ أحد الأجوبة حدّ التشغيل الأعلى.</translation>
  </message>
  <message>
   <source>A response was stopped: votes in this round do not count.</source>
   <translation>أُوقفت إجابة: لا يُحسب صوت على هذه الجولة.</translation>
  </message>
  <message>
   <source>A run can have at most {most} responses.</source>
   <translation>للتشغيل {most} من الأجوبة على الأكثر.</translation>
  </message>
  <message>
   <source>A run sends many prompts to several models, with as many repeats as you want, grades the responses and compares the models, all within a cost cap. You see an estimate before anything is sent.</source>
   <translation>يطرح التشغيل طلبات كثيرة على عدة نماذج بعدد المرات الذي تريده، ويقيّم الإجابات ويقول ما تُظهره، بتكلفة يمكنك تحديد سقفها. لا يُرسل شيء قبل أن ترى التقدير.</translation>
  </message>
  <message>
   <source>A schema can have at most {most} characters.</source>
   <translation>يمكن أن يتكون المخطط من {most} حرفًا على الأكثر.</translation>
  </message>
  <message>
   <source>A schema or an example must be a JSON object, in braces.</source>
   <translation>يجب أن يكون المخطط أو المثال كائن JSON بين قوسين معقوفين.</translation>
  </message>
  <message>
   <source>A secure connection to {host} could not be established.</source>
   <translation>تعذّر إجراء اتصال آمن بـ ‎{host}‎.</translation>
  </message>
  <message>
   <source>A set of assertions is imported only if all of them must pass.</source>
   <translation>لا تُؤخذ مجموعة من التوكيدات إلا إذا وجب نجاحها كلها.</translation>
  </message>
  <message>
   <source>A sign-in at “{server}” already waits for the browser.</source>
   <translation>هناك تسجيل دخول إلى «{server}» ينتظر المتصفح بالفعل.</translation>
  </message>
  <message>
   <source>A structured text on a subject, for readers of your choice</source>
   <translation>نص منظّم في موضوع، لقرّاء تختارهم</translation>
  </message>
  <message>
   <source>A suite has at most {most} contenders.</source>
   <translation>لا يزيد متنافسو السلسلة على {most}.</translation>
  </message>
  <message>
   <source>A suite must be a table, not {kind}.</source>
   <translation>السلسلة جدول، وليست {kind}.</translation>
  </message>
  <message>
   <source>A system prompt can have at most {most} characters.</source>
   <translation>طول موجّه النظام {most} محرف على الأكثر.</translation>
  </message>
  <message>
   <source>A test must be a table, not {kind}.</source>
   <translation>الاختبار جدول، وليس {kind}.</translation>
  </message>
  <message>
   <source>A title can have at most {most} characters.</source>
   <translation>طول العنوان {most} محرف على الأكثر.</translation>
  </message>
  <message>
   <source>A tool call waits for your answer: {tool}.</source>
   <translation>استدعاء أداة ينتظر ردك: {tool}.</translation>
  </message>
  <message>
   <source>A tool server needs either a command or an address.</source>
   <translation>يحتاج خادم الأدوات إما إلى أمر وإما إلى عنوان.</translation>
  </message>
  <message>
   <source>A turn must be text, not {kind}.</source>
   <translation>الدور نص، وليس {kind}.</translation>
  </message>
  <message>
   <source>A vote</source>
   <translation>صوت</translation>
  </message>
  <message>
   <source>A word in braces, such as {example}, becomes a field to fill in.</source>
   <translation>الكلمة بين قوسين معقوفين، مثل {example}، تصير حقلًا يُملأ.</translation>
  </message>
  <message>
   <source>A/A control</source>
   <translation>مقارنة ضابطة A/A</translation>
  </message>
  <message>
   <source>A/A control: fresh answers of the old model won {part} of {whole} decided pairs against its saved answers ({interval}), as expected by chance.</source>
   <translation>مقارنة ضابطة A/A: فازت إجابات جديدة من النموذج القديم على إجاباته المحفوظة في {part} من {whole} من الأزواج المحسومة ({interval})، كما هو متوقع بالمصادفة.</translation>
  </message>
  <message>
   <source>A/A control: fresh answers of the old model won {part} of {whole} decided pairs against its saved answers ({interval}). The review favors fresh or old answers as such, so read the verdict with care.</source>
   <translation>مقارنة ضابطة A/A: فازت إجابات جديدة من النموذج القديم على إجاباته المحفوظة في {part} من {whole} من الأزواج المحسومة ({interval}). تميل المراجعة إلى الإجابات الجديدة أو القديمة لذاتها، فاقرأ الحكم بحذر.</translation>
  </message>
  <message>
   <source>API format</source>
   <translation>يُسأل عبر</translation>
  </message>
  <message>
   <source>API format for {model}</source>
   <translation>يُسأل {model} عبر</translation>
  </message>
  <message>
   <source>API format {wire}</source>
   <translation>الصيغة {wire}</translation>
  </message>
  <message>
   <source>About</source>
   <translation>حول</translation>
  </message>
  <message>
   <source>About Paragone</source>
   <translation>حول Paragone</translation>
  </message>
  <message numerus="yes">
   <source>About {n} further reviews would decide it at this rate.</source>
   <translation>
    <numerusform>لا حاجة إلى مراجعات أخرى لحسمه بهذا المعدل.</numerusform>
    <numerusform>تحسمه بهذا المعدل مراجعة واحدة أخرى تقريبًا.</numerusform>
    <numerusform>تحسمه بهذا المعدل مراجعتان أخريان تقريبًا.</numerusform>
    <numerusform>تحسمه بهذا المعدل نحو {n} مراجعات أخرى.</numerusform>
    <numerusform>تحسمه بهذا المعدل نحو {n} مراجعة أخرى.</numerusform>
    <numerusform>تحسمه بهذا المعدل نحو {n} مراجعة أخرى.</numerusform>
   </translation>
  </message>
  <message>
   <source>Accept</source>
   <translation>قبول</translation>
  </message>
  <message>
   <source>Accept the model's terms in your account with the service that issued the key, or choose another model.</source>
   <translation>اقبل شروط النموذج حيث صدر المفتاح، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Activities that are not prompts are left out ({count}).</source>
   <translation>تُترك الأنشطة التي ليست موجّهات ({count}).</translation>
  </message>
  <message>
   <source>Actual size</source>
   <translation>بكسل مقابل بكسل</translation>
  </message>
  <message>
   <source>Add</source>
   <translation>إضافة</translation>
  </message>
  <message>
   <source>Add a connection to Azure AI Foundry or another server.</source>
   <translation>أضف اتصالًا بـ Azure AI Foundry أو بخادم آخر.</translation>
  </message>
  <message>
   <source>Add a model to the suite.</source>
   <translation>أضف نموذجًا إلى المجموعة.</translation>
  </message>
  <message>
   <source>Add as model…</source>
   <translation>إضافة كنموذج…</translation>
  </message>
  <message>
   <source>Add connection</source>
   <translation>إضافة اتصال</translation>
  </message>
  <message>
   <source>Add connection…</source>
   <translation>إضافة اتصال…</translation>
  </message>
  <message>
   <source>Add credit to the account, or raise its limit or budget. Waiting does not help.</source>
   <translation>أضف رصيدًا إلى الحساب، أو ارفع حدّه أو ميزانيته؛ فالانتظار لا يفيد.</translation>
  </message>
  <message>
   <source>Add credit to the account.</source>
   <translation>أضف رصيدًا إلى الحساب.</translation>
  </message>
  <message>
   <source>Add header</source>
   <translation>إضافة ترويسة</translation>
  </message>
  <message>
   <source>Add model name…</source>
   <translation>إضافة اسم نموذج…</translation>
  </message>
  <message>
   <source>Add one first.</source>
   <translation>أضف واحدًا أولًا.</translation>
  </message>
  <message>
   <source>Add pane</source>
   <translation>إضافة لوحة</translation>
  </message>
  <message>
   <source>Add server</source>
   <translation>إضافة خادم</translation>
  </message>
  <message>
   <source>Add server…</source>
   <translation>إضافة خادم…</translation>
  </message>
  <message>
   <source>Add the connection, or choose other models with --model connection/model.</source>
   <translation>أضِفه، أو سمِّ نماذج أخرى بـ ‎--model connection/model.</translation>
  </message>
  <message>
   <source>Add the connection, or choose other models.</source>
   <translation>أضفه، أو اختر نماذج أخرى.</translation>
  </message>
  <message>
   <source>Add the price to the catalog, or run the suite without a cap.</source>
   <translation>أضف السعر إلى الكتالوج، أو شغّل المجموعة بلا حد أعلى.</translation>
  </message>
  <message>
   <source>Add the server in Settings › Tools, or remove it from the suite.</source>
   <translation>أضف الخادم في الإعدادات › الأدوات، أو أزله من المجموعة.</translation>
  </message>
  <message>
   <source>Add this computer's IP address to the allowlist of the service that issued the key, or use an allowed network.</source>
   <translation>اسمح بعنوان هذا الجهاز حيث صدر المفتاح، أو اتصل عبر شبكة مسموح بها.</translation>
  </message>
  <message>
   <source>Add to dictionary</source>
   <translation>إضافة إلى القاموس</translation>
  </message>
  <message>
   <source>Add tool server</source>
   <translation>إضافة خادم أدوات</translation>
  </message>
  <message>
   <source>Add variable</source>
   <translation>إضافة متغير</translation>
  </message>
  <message numerus="yes">
   <source>Add {n} models</source>
   <translation>
    <numerusform>إضافة {n} نموذج</numerusform>
    <numerusform>إضافة نموذج واحد</numerusform>
    <numerusform>إضافة نموذجين</numerusform>
    <numerusform>إضافة {n} نماذج</numerusform>
    <numerusform>إضافة {n} نموذجًا</numerusform>
    <numerusform>إضافة {n} نموذج</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Add {n} servers</source>
   <translation>
    <numerusform>إضافة {n} خادم</numerusform>
    <numerusform>إضافة خادم واحد</numerusform>
    <numerusform>إضافة خادمين</numerusform>
    <numerusform>إضافة {n} خوادم</numerusform>
    <numerusform>إضافة {n} خادمًا</numerusform>
    <numerusform>إضافة {n} خادم</numerusform>
   </translation>
  </message>
  <message>
   <source>Added: {pane}</source>
   <translation>أُضيف: {pane}</translation>
  </message>
  <message>
   <source>Additional cases were not imported: a suite can have at most {most}.</source>
   <translation>لا يُؤخذ ما يلي: لا يُؤخذ أكثر من {most} من الحالات.</translation>
  </message>
  <message>
   <source>Address</source>
   <translation>العنوان</translation>
  </message>
  <message>
   <source>Advanced</source>
   <translation>متقدم</translation>
  </message>
  <message>
   <source>After you save the server, choose Sign in… in the list to open the browser.</source>
   <translation>بعد الحفظ، اختر «تسجيل الدخول…» في القائمة. عندها يُفتح المتصفح.</translation>
  </message>
  <message>
   <source>Agreement</source>
   <translation>التوافق</translation>
  </message>
  <message>
   <source>Agreement needs two responses.</source>
   <translation>تلزم إجابتان كي تتوافقا.</translation>
  </message>
  <message>
   <source>All at once, after the last response is complete</source>
   <translation>عرض الإجابات دفعة واحدة عند انتهاء آخرها</translation>
  </message>
  <message>
   <source>All bad</source>
   <translation>كلها سيئة</translation>
  </message>
  <message>
   <source>All branches</source>
   <translation>كل الفروع</translation>
  </message>
  <message>
   <source>All cases</source>
   <translation>كل الحالات</translation>
  </message>
  <message numerus="yes">
   <source>All checks passed, with {n} warnings.</source>
   <translation>
    <numerusform>انتهى كل شيء بنجاح، دون تحذيرات.</numerusform>
    <numerusform>انتهى كل شيء بنجاح، مع تحذير واحد.</numerusform>
    <numerusform>انتهى كل شيء بنجاح، مع تحذيرين.</numerusform>
    <numerusform>انتهى كل شيء بنجاح، مع {n} تحذيرات.</numerusform>
    <numerusform>انتهى كل شيء بنجاح، مع {n} تحذيرًا.</numerusform>
    <numerusform>انتهى كل شيء بنجاح، مع {n} تحذير.</numerusform>
   </translation>
  </message>
  <message>
   <source>All checks passed.</source>
   <translation>كل شيء على ما يرام.</translation>
  </message>
  <message>
   <source>All files (*)</source>
   <translation>كل الملفات (*)</translation>
  </message>
  <message>
   <source>All its responses and reviews are deleted. You cannot undo this.</source>
   <translation>تُحذف معها كل إجاباتها ومراجعاتها. لا يمكن التراجع عن ذلك.</translation>
  </message>
  <message>
   <source>All its responses and verdicts are deleted. Your conversations stay. You cannot undo this.</source>
   <translation>تُحذف معها كل إجاباتها وأحكامها. تبقى محادثاتك. لا يمكن التراجع عن ذلك.</translation>
  </message>
  <message>
   <source>All judges</source>
   <translation>كل الحكام</translation>
  </message>
  <message>
   <source>All models continued from the chosen response.</source>
   <translation>تابعت كل النماذج من الإجابة التي اختيرت.</translation>
  </message>
  <message>
   <source>All models finish about equally soon, usually after {low}.</source>
   <translation>‏تنتهي كل النماذج في وقت متقارب، عادةً بعد {low}.</translation>
  </message>
  <message>
   <source>All models have responded. Responses are shown at an even pace.</source>
   <translation>أجاب الجميع. تُعرض الإجابات بوتيرة واحدة.</translation>
  </message>
  <message>
   <source>All models have responded. Which response is best?</source>
   <translation>أجابت كلها. أيها الأفضل؟</translation>
  </message>
  <message>
   <source>All models made {calls}</source>
   <translation>كل النماذج أجرت {calls}</translation>
  </message>
  <message>
   <source>All models receive all responses of each turn, with the model names.</source>
   <translation>يُعطى كل النماذج جميعَ إجابات كل دور، مع أسماء من قالها.</translation>
  </message>
  <message>
   <source>All models receive the chosen response of each turn, as if it were their own.</source>
   <translation>يُعطى كل النماذج الإجابةَ المختارة في كل دور، كأنها إجابتها.</translation>
  </message>
  <message>
   <source>All models received one history with the responses from all models.</source>
   <translation>أُعطيت كل النماذج سجلًا واحدًا فيه إجابات الجميع.</translation>
  </message>
  <message>
   <source>All models start to respond about equally soon, usually after {low}.</source>
   <translation>‏تبدأ كل النماذج بالإجابة في وقت متقارب، عادةً بعد {low}.</translation>
  </message>
  <message>
   <source>All models write about equally fast, usually {low}.</source>
   <translation>‏تكتب كل النماذج بسرعة متقاربة، عادةً {low}.</translation>
  </message>
  <message>
   <source>All planned pairs were reviewed before the verdict was shown; {n} count. Interval of the conversations' means (Student's t, or a betting interval below 30 conversations).</source>
   <translation>رُوجعت جميع الأزواج المخطط لها قبل عرض الحكم؛ يُحتسب منها {n}. مجال متوسطات المحادثات (توزيع ستودنت، أو مجال الرهان إذا قلّت المحادثات عن 30).</translation>
  </message>
  <message>
   <source>All replays</source>
   <translation>كل عمليات إعادة التشغيل</translation>
  </message>
  <message>
   <source>All responses in this run will be deleted. You cannot undo this.</source>
   <translation>تُحذف معه كل إجاباته. لا يمكن التراجع عن ذلك.</translation>
  </message>
  <message>
   <source>All responses, with highlights</source>
   <translation>كل الإجابات، مع العلامات</translation>
  </message>
  <message>
   <source>All runs</source>
   <translation>كل عمليات التشغيل</translation>
  </message>
  <message>
   <source>All tags</source>
   <translation>كل الوسوم</translation>
  </message>
  <message>
   <source>All time</source>
   <translation>كل الأوقات</translation>
  </message>
  <message>
   <source>All tools</source>
   <translation>كل الأدوات</translation>
  </message>
  <message>
   <source>All turns</source>
   <translation>كل الأدوار</translation>
  </message>
  <message>
   <source>All turns that were found were replayed.</source>
   <translation>أُعيد تشغيل كل الأدوار التي وُجدت.</translation>
  </message>
  <message numerus="yes">
   <source>All votes are on {n} prompts. Conclusions need at least {least}.</source>
   <translation>
    <numerusform>كل الأصوات بلا طلبات؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
    <numerusform>كل الأصوات على طلب واحد؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
    <numerusform>كل الأصوات على طلبين؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
    <numerusform>كل الأصوات على {n} طلبات؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
    <numerusform>كل الأصوات على {n} طلبًا؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
    <numerusform>كل الأصوات على {n} طلب؛ لا يُدّعى شيء من أقل من {least}.</numerusform>
   </translation>
  </message>
  <message>
   <source>All {n} fields are as expected.</source>
   <translation>كل الحقول ({n}) كما هو متوقع.</translation>
  </message>
  <message numerus="yes">
   <source>All {n} models</source>
   <translation>
    <numerusform>لا نماذج</numerusform>
    <numerusform>النموذج</numerusform>
    <numerusform>النموذجان</numerusform>
    <numerusform>كل النماذج ({n})</numerusform>
    <numerusform>كل النماذج ({n})</numerusform>
    <numerusform>كل النماذج ({n})</numerusform>
   </translation>
  </message>
  <message>
   <source>Allow</source>
   <translation>السماح به</translation>
  </message>
  <message>
   <source>Allow &amp;once</source>
   <translation>السماح مرة واحدة</translation>
  </message>
  <message>
   <source>Allow for this &amp;conversation</source>
   <translation>السماح في هذه المحادثة</translation>
  </message>
  <message>
   <source>Allow more providers in the account's privacy settings, or choose another model.</source>
   <translation>اسمح بمزيد من المزوّدين في إعدادات خصوصية الحساب هناك، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Allow these tools during this run</source>
   <translation>السماح بهذه الأدوات أثناء هذا التشغيل</translation>
  </message>
  <message>
   <source>Allow these tools during this run?</source>
   <translation>هل تريد السماح بهذه الأدوات أثناء هذا التشغيل؟</translation>
  </message>
  <message>
   <source>Allow web search</source>
   <translation>السماح بالبحث في الويب</translation>
  </message>
  <message>
   <source>Allow {tool} for this conversation</source>
   <translation>السماح لـ {tool} في هذه المحادثة</translation>
  </message>
  <message>
   <source>Allow {tool} once</source>
   <translation>السماح لـ {tool} مرة واحدة</translation>
  </message>
  <message>
   <source>Already attached: {names}.</source>
   <translation>المحتوى نفسه مرفق بالفعل: {names}.</translation>
  </message>
  <message>
   <source>Always allow {tool}</source>
   <translation>السماح دائمًا لـ {tool}</translation>
  </message>
  <message>
   <source>Among pairs of similar length: {interval}.</source>
   <translation>بين الأزواج المتقاربة طولًا: {interval}.</translation>
  </message>
  <message>
   <source>An ID is longer than {most} characters.</source>
   <translation>فيها معرّف أطول من {most} محرفًا.</translation>
  </message>
  <message>
   <source>An assertion without a type was not imported.</source>
   <translation>لا يُؤخذ توكيد بلا نوع.</translation>
  </message>
  <message>
   <source>An attached file in {path} is damaged.</source>
   <translation>ملف مرفق في {path} تالف.</translation>
  </message>
  <message>
   <source>An earlier prompt in this conversation, the system prompt or a parameter contains {what}. Nothing was sent to {destination}.</source>
   <translation>يحتوي موجّه سابق في هذه المحادثة أو موجّه النظام فيها أو أحد المعاملات على {what}: لم يُرسل شيء إلى {destination}.</translation>
  </message>
  <message>
   <source>An earlier prompt in this conversation, the system prompt or a parameter seems to contain {what}. Nothing was sent to {destination}.</source>
   <translation>يبدو أن موجّهًا سابقًا في هذه المحادثة أو موجّه النظام فيها أو أحد المعاملات يحتوي على {what}: لم يُرسل شيء إلى {destination}.</translation>
  </message>
  <message numerus="yes">
   <source>And {n} more notices.</source>
   <translation>
    <numerusform>ولا تنبيهات أخرى.</numerusform>
    <numerusform>وتنبيه آخر.</numerusform>
    <numerusform>وتنبيهان آخران.</numerusform>
    <numerusform>و{n} تنبيهات أخرى.</numerusform>
    <numerusform>و{n} تنبيهًا آخر.</numerusform>
    <numerusform>و{n} تنبيه آخر.</numerusform>
   </translation>
  </message>
  <message>
   <source>Another Paragone process executes this replay.</source>
   <translation>تنفّذ عملية أخرى من Paragone إعادة التشغيل هذه.</translation>
  </message>
  <message>
   <source>Another instance of Paragone is taking too long to start in {folder}.</source>
   <translation>عملية بدء أخرى للبرنامج تحجز ‎{folder}‎ منذ وقت أطول من اللازم.</translation>
  </message>
  <message>
   <source>Another instance of Paragone is using these conversations.</source>
   <translation>نسخة أخرى قيد التشغيل من البرنامج تستخدم هذه المحادثات.</translation>
  </message>
  <message>
   <source>Another program is using the database {path}.</source>
   <translation>برنامج آخر يحجز قاعدة البيانات ‎{path}‎.</translation>
  </message>
  <message>
   <source>Another program is using the presets file.</source>
   <translation>برنامج آخر يحجز ملف الإعدادات المسبقة.</translation>
  </message>
  <message>
   <source>Another program is using the settings file.</source>
   <translation>برنامج آخر يحجز ملف الإعدادات.</translation>
  </message>
  <message>
   <source>Another program uses Ctrl+Alt+P. Turn off “Desktop shortcut” in the settings.</source>
   <translation>يستخدم برنامج آخر Ctrl+Alt+P. أوقف «اختصار سطح المكتب» في الإعدادات.</translation>
  </message>
  <message>
   <source>Another user can change the folder {folder}, and could read your conversations or have your keys sent elsewhere. Use a folder that only you can change.</source>
   <translation>يستطيع مستخدم آخر تغيير المجلد ‎{folder}‎، وبذلك قراءة محادثاتك وإرسال مفاتيحك إلى مكان آخر. استخدم مجلدًا خاصًا بك.</translation>
  </message>
  <message>
   <source>Answer in the language of the question.</source>
   <translation>أجب بلغة السؤال.</translation>
  </message>
  <message>
   <source>Answer tool calls</source>
   <translation>الرد على استدعاءات الأدوات</translation>
  </message>
  <message>
   <source>Answer {letter}</source>
   <translation>الإجابة {letter}</translation>
  </message>
  <message>
   <source>Answer {number}, from {model}:</source>
   <translation>الإجابة {number}، من {model}:</translation>
  </message>
  <message>
   <source>Answers</source>
   <translation>الإجابات</translation>
  </message>
  <message>
   <source>Answers of the incumbent</source>
   <translation>إجابات النموذج القديم</translation>
  </message>
  <message>
   <source>Answers per turn</source>
   <translation>الإجابات لكل دور</translation>
  </message>
  <message>
   <source>Answers were compared blind, in random order. The incumbent's answers are those of the history; they were not requested again. Pairs of the control and pairs that came back never count in the verdict.</source>
   <translation>قورنت الإجابات مقارنة عمياء وبترتيب عشوائي. إجابات النموذج القديم هي المحفوظة في السجل، ولم تُطلب من جديد. لا تدخل أزواج المقارنة الضابطة ولا الأزواج المكررة في الحكم أبدًا.</translation>
  </message>
  <message>
   <source>Anthropic</source>
   <translation>Anthropic</translation>
  </message>
  <message>
   <source>Any tag</source>
   <translation>أي وسم</translation>
  </message>
  <message>
   <source>Any time</source>
   <translation>كل الأوقات</translation>
  </message>
  <message>
   <source>Appearance</source>
   <translation>المظهر</translation>
  </message>
  <message>
   <source>Apply</source>
   <translation>تطبيق</translation>
  </message>
  <message>
   <source>Arabic</source>
   <translation>العربية</translation>
  </message>
  <message>
   <source>Archive</source>
   <translation>أرشفة</translation>
  </message>
  <message>
   <source>Archives (*.zip)</source>
   <translation>أرشيفات مضغوطة (*.zip)</translation>
  </message>
  <message>
   <source>Arguments</source>
   <translation>الوسائط</translation>
  </message>
  <message>
   <source>Arguments (edited by you)</source>
   <translation>الوسائط (عدّلتها أنت)</translation>
  </message>
  <message>
   <source>Arguments of {tool}</source>
   <translation>وسائط {tool}</translation>
  </message>
  <message>
   <source>Article</source>
   <translation>مقال</translation>
  </message>
  <message>
   <source>As</source>
   <translation>الصيغة</translation>
  </message>
  <message>
   <source>As CSV for spreadsheets</source>
   <translation>لجدول بيانات</translation>
  </message>
  <message>
   <source>As Markdown</source>
   <translation>لنص، بصيغة Markdown‏</translation>
  </message>
  <message>
   <source>As for all</source>
   <translation>كما للجميع</translation>
  </message>
  <message>
   <source>As responses arrive (the vote is then not blind to speed)</source>
   <translation>عرض الإجابات كما تأتي (لا يكون الصوت عندئذ أعمى عن السرعة)</translation>
  </message>
  <message>
   <source>As they arrive</source>
   <translation>كما تأتي</translation>
  </message>
  <message>
   <source>Ask</source>
   <translation>السؤال</translation>
  </message>
  <message>
   <source>Ask a tenant administrator to approve the application once for all users.</source>
   <translation>يجب أن يسمح مسؤول المستأجر بالتطبيق مرة واحدة للجميع.</translation>
  </message>
  <message>
   <source>Ask anything, with one model or several side by side</source>
   <translation>اسأل ما شئت، هنا أو جنبًا إلى جنب</translation>
  </message>
  <message>
   <source>Ask for less data at once.</source>
   <translation>اطلب بيانات أقل في المرة الواحدة.</translation>
  </message>
  <message>
   <source>Ask several times</source>
   <translation>السؤال عدة مرات</translation>
  </message>
  <message>
   <source>Ask the resource's owner for access. A firewall or private network may also block this computer.</source>
   <translation>اطلب الوصول من مالك المورد؛ وقد يرفض هذا الجهازَ أيضًا جدارٌ ناري أو شبكة خاصة.</translation>
  </message>
  <message>
   <source>Ask the resource's owner to assign the role Azure AI User (or Cognitive Services User) to your account.</source>
   <translation>اطلب من مالك المورد أن يمنح حسابك دور Azure AI User (أو Cognitive Services User).</translation>
  </message>
  <message>
   <source>Ask the server's administrator to connect a database, or use the key that the server was started with.</source>
   <translation>على من يشغّله ربط واحدة، أو استخدم المفتاح الذي شُغّل به.</translation>
  </message>
  <message>
   <source>Ask the server's administrator to give the model a suitable chat template, or choose another model.</source>
   <translation>على من يشغّله تزويد النموذج بقالب محادثة يناسبه؛ أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Ask the server's administrator to renew that key. Your own key is not the cause.</source>
   <translation>على من يشغّله تجديد ذلك المفتاح؛ فمفتاحك ليس السبب.</translation>
  </message>
  <message>
   <source>Ask the server's administrator to use a complete address with https://.</source>
   <translation>اطلب من مسؤول الخادم استخدام عنوان كامل يبدأ بـ ‎https://‎.</translation>
  </message>
  <message>
   <source>Ask the service that issued the key to unblock it, or enter another key.</source>
   <translation>اطلب إلغاء حظر المفتاح حيث صدر، أو أدخل مفتاحًا آخر.</translation>
  </message>
  <message>
   <source>Ask your administrator to configure the Entra ID application as a public client with the redirect URI http://localhost.</source>
   <translation>يحدد مسؤولك تطبيق Entra ID: عميل عام بعنوان إعادة التوجيه http://localhost.</translation>
  </message>
  <message>
   <source>Ask your administrator to configure the application (`entra.client_id`) as a public client with the redirect URI http://localhost.</source>
   <translation>يحدد المسؤول التطبيق (`entra.client_id`): عميل عام بعنوان إعادة التوجيه http://localhost.</translation>
  </message>
  <message>
   <source>Ask your administrator.</source>
   <translation>اسأل مسؤول النظام لديك.</translation>
  </message>
  <message numerus="yes">
   <source>Ask {n} times</source>
   <translation>
    <numerusform>لا سؤال</numerusform>
    <numerusform>السؤال مرة واحدة</numerusform>
    <numerusform>السؤال مرتين</numerusform>
    <numerusform>السؤال {n} مرات</numerusform>
    <numerusform>السؤال {n} مرة</numerusform>
    <numerusform>السؤال {n} مرة</numerusform>
   </translation>
  </message>
  <message>
   <source>Asking {model} again…</source>
   <translation>يُسأل {model} مرة أخرى…</translation>
  </message>
  <message>
   <source>Asks the old model again for every tenth turn, to show whether the review favors fresh or old responses as such.</source>
   <translation>يُسأل النموذج القديم من جديد في دور من كل عشرة، ليتبيّن هل تميل المراجعة إلى الإجابات الجديدة أو القديمة لذاتها.</translation>
  </message>
  <message>
   <source>At an even pace, after the last response is complete</source>
   <translation>عرض الإجابات بوتيرة واحدة عند انتهاء آخرها</translation>
  </message>
  <message>
   <source>At {host}, no provider that the account allows serves this model ({status}){said}</source>
   <translation>ليس لدى {host} لهذا النموذج مزوّد يسمح به الحساب ({status}){said}</translation>
  </message>
  <message>
   <source>Attach</source>
   <translation>إرفاق</translation>
  </message>
  <message>
   <source>Attach files</source>
   <translation>إرفاق ملفات</translation>
  </message>
  <message>
   <source>Attach images, PDFs, documents and text files</source>
   <translation>إرفاق صور وملفات PDF ومستندات ونصوص</translation>
  </message>
  <message>
   <source>Attach part of the file, or a smaller image.</source>
   <translation>أرفق جزءًا منه أو صورة أصغر.</translation>
  </message>
  <message>
   <source>Attach the files in the folder individually.</source>
   <translation>أرفق ملفات المجلد واحدًا واحدًا.</translation>
  </message>
  <message>
   <source>Attach to the prompt</source>
   <translation>إرفاق بالطلب</translation>
  </message>
  <message>
   <source>Attach to the prompt for all panes</source>
   <translation>إرفاق بالطلب الموجه إلى الجميع</translation>
  </message>
  <message>
   <source>Attached files missing from the export: only their names are imported</source>
   <translation>ملفات مرفقة ليست في التصدير: تُحفظ أسماؤها فقط</translation>
  </message>
  <message>
   <source>Attached files that could not be read: only their names are imported</source>
   <translation>ملفات مرفقة تعذّرت قراءتها من التصدير: تُحفظ أسماؤها فقط</translation>
  </message>
  <message>
   <source>Attached files that were missing are restored</source>
   <translation>ملفات مرفقة كانت ناقصة هنا وعادت</translation>
  </message>
  <message>
   <source>Attached: {names}</source>
   <translation>مرفق: {names}</translation>
  </message>
  <message>
   <source>Attached: {name}</source>
   <translation>مرفق: {name}</translation>
  </message>
  <message>
   <source>Attached: {name} (no longer exists)</source>
   <translation>مرفق: {name} (لم يعد موجودًا)</translation>
  </message>
  <message>
   <source>Attachments</source>
   <translation>الملفات المرفقة</translation>
  </message>
  <message>
   <source>Attachments: only their names are imported</source>
   <translation>المرفقات: تُحفظ أسماؤها فقط</translation>
  </message>
  <message>
   <source>Authentication</source>
   <translation>المصادقة</translation>
  </message>
  <message>
   <source>Author</source>
   <translation>القائل</translation>
  </message>
  <message>
   <source>Automatic signals</source>
   <translation>المؤشرات التلقائية</translation>
  </message>
  <message>
   <source>Available types: {join}.</source>
   <translation>المتاح: {join}.</translation>
  </message>
  <message>
   <source>Azure AI Foundry</source>
   <translation>‏Azure AI Foundry‏</translation>
  </message>
  <message>
   <source>B is better</source>
   <translation>‏B أفضل</translation>
  </message>
  <message>
   <source>Back</source>
   <translation>رجوع</translation>
  </message>
  <message>
   <source>Back to presets</source>
   <translation>العودة إلى الإعدادات المسبقة</translation>
  </message>
  <message>
   <source>Backups</source>
   <translation>النسخ الاحتياطية</translation>
  </message>
  <message>
   <source>Backups are listed once the conversations are open.</source>
   <translation>تُسرد حالما تُفتح المحادثات.</translation>
  </message>
  <message>
   <source>Based on current list prices and the tokens counted in complete responses.</source>
   <translation>بحسب أسعار القائمة اليوم والرموز المعدودة؛ تُترك الإجابات غير المكتملة.</translation>
  </message>
  <message>
   <source>Batches cannot call tools.</source>
   <translation>لا يمكن للدفعات استدعاء الأدوات.</translation>
  </message>
  <message>
   <source>Before</source>
   <translation>حينها</translation>
  </message>
  <message>
   <source>Before sending</source>
   <translation>قبل الإرسال</translation>
  </message>
  <message>
   <source>Before the run</source>
   <translation>قبل التشغيل</translation>
  </message>
  <message>
   <source>Best in</source>
   <translation>الأفضل في</translation>
  </message>
  <message>
   <source>Best of this turn</source>
   <translation>الأفضل في هذا الدور</translation>
  </message>
  <message>
   <source>Best of this turn: {model}. The vote is marked as given with model names visible.</source>
   <translation>الأفضل في هذا الدور: {model}. الصوت معلَّم بأنه أُعطي مع ظهور الأسماء.</translation>
  </message>
  <message>
   <source>Best of {number} settings for {model}: by chance alone, the best one looks better than it is. Repeat the run with other cases before you rely on the result.</source>
   <translation>الأفضل من {number} محاولات: من بين {number} إعدادات لـ {model} يبدو أفضلها أحسن مما هو عليه بمحض المصادفة. أعد تشغيله على حالات أخرى قبل أن تعتمد عليه.</translation>
  </message>
  <message>
   <source>Best: {names}</source>
   <translation>الأفضل: {names}</translation>
  </message>
  <message>
   <source>Better above 0, not worse above −{margin}, worse below −{margin}.</source>
   <translation>أفضل فوق 0، وليس أسوأ فوق ‎−{margin}، وأسوأ تحت ‎−{margin}.</translation>
  </message>
  <message>
   <source>Better: the whole interval is above 0. Not worse: it is above −{margin} points, the margin chosen beforehand. Worse: it is below −{margin} points. Otherwise the verdict is undecided.</source>
   <translation>أفضل: المجال كله فوق 0. ليس أسوأ: المجال كله فوق ‎−{margin} نقطة، وهو الهامش المختار مسبقًا. أسوأ: المجال كله تحت ‎−{margin} نقطة. وإلا فالحكم غير محسوم.</translation>
  </message>
  <message>
   <source>Between models</source>
   <translation>بين النماذج</translation>
  </message>
  <message>
   <source>Blind round</source>
   <translation>جولة عمياء</translation>
  </message>
  <message>
   <source>Blind votes</source>
   <translation>الأصوات العمياء</translation>
  </message>
  <message>
   <source>Block</source>
   <translation>عدم الإرسال أبدًا</translation>
  </message>
  <message>
   <source>Both bad</source>
   <translation>كلاهما سيئ</translation>
  </message>
  <message>
   <source>Both models</source>
   <translation>كلا النموذجين</translation>
  </message>
  <message>
   <source>Branches</source>
   <translation>الفروع</translation>
  </message>
  <message>
   <source>Built with Qt {qt} and PySide6, used under the GNU Lesser General Public License 3, and with the work of many others. The Qt libraries are stored alongside the program and can be replaced.</source>
   <translation>بُني باستخدام Qt {qt} وPySide6 بموجب رخصة GNU العمومية الصغرى 3، وبعمل كثيرين غيرهم. تقع مكتبات Qt بجانب البرنامج ويمكن استبدالها.</translation>
  </message>
  <message>
   <source>By kind of prompt</source>
   <translation>حسب نوع الموجّه</translation>
  </message>
  <message>
   <source>By tag</source>
   <translation>حسب الوسم</translation>
  </message>
  <message>
   <source>By the judge model, {successor} is not worse than {incumbent} on your work.</source>
   <translation>بحسب النموذج الحَكَم، ليس {successor} أسوأ من {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>By the judge model, {successor} is worse than {incumbent} on your work.</source>
   <translation>بحسب النموذج الحَكَم، {successor} أسوأ من {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>By the judge model: won {wins}, tied {ties}, lost {losses}.</source>
   <translation>بحسب النموذج الحَكَم: فاز {wins}، تعادل {ties}، خسر {losses}.</translation>
  </message>
  <message>
   <source>C&amp;ompare</source>
   <translation>مقارنة</translation>
  </message>
  <message>
   <source>CSV (*.csv)</source>
   <translation>CSV ‎(*.csv)</translation>
  </message>
  <message>
   <source>CSV files do not record which votes were blind, so all votes count as blind.</source>
   <translation>ملف CSV لا يذكر أي الأصوات كان أعمى: تُحسب كلها كذلك.</translation>
  </message>
  <message>
   <source>Cache</source>
   <translation>الذاكرة المخبئية</translation>
  </message>
  <message>
   <source>Call each tool once per case and reuse its results</source>
   <translation>استدعاء كل أداة مرة واحدة لكل حالة وإعادة استخدام النتائج</translation>
  </message>
  <message>
   <source>Call tools</source>
   <translation>استدعاء الأدوات</translation>
  </message>
  <message>
   <source>Calls</source>
   <translation>الاستدعاءات</translation>
  </message>
  <message>
   <source>Calls of these tools will be denied, because you did not allow them and nobody is asked during a run: {names}.</source>
   <translation>ستُمنع استدعاءات هذه الأدوات، لأنك لم تسمح بها ولا يُسأل أحد أثناء التشغيل: {names}.</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>إلغاء</translation>
  </message>
  <message>
   <source>Cancel editing</source>
   <translation>إلغاء التحرير</translation>
  </message>
  <message>
   <source>Cancel the sign-in at {name}</source>
   <translation>إلغاء تسجيل الدخول إلى {name}</translation>
  </message>
  <message>
   <source>Cannot open address</source>
   <translation>تعذّر الفتح</translation>
  </message>
  <message>
   <source>Canvas documents are left out ({count}).</source>
   <translation>تُترك المستندات الموجودة إلى جانب المحادثات ({count}).</translation>
  </message>
  <message>
   <source>Cap</source>
   <translation>السقف</translation>
  </message>
  <message>
   <source>Card numbers</source>
   <translation>أرقام البطاقات</translation>
  </message>
  <message>
   <source>Case</source>
   <translation>الحالة</translation>
  </message>
  <message>
   <source>Case {case}, {name}: {earlier}, now {later}</source>
   <translation>الحالة {case}، {name}: {earlier}، والآن {later}</translation>
  </message>
  <message>
   <source>Case {number} · {at} of {all}</source>
   <translation>الحالة {number} · {at} من {all}</translation>
  </message>
  <message>
   <source>Case {number}: {prompt}</source>
   <translation>الحالة {number}: {prompt}</translation>
  </message>
  <message>
   <source>Cases</source>
   <translation>الحالات</translation>
  </message>
  <message>
   <source>Cases and responses</source>
   <translation>الحالات والإجابات</translation>
  </message>
  <message>
   <source>Certificate file</source>
   <translation>ملف الشهادات</translation>
  </message>
  <message>
   <source>Certificates (*.pem *.crt *.cer)</source>
   <translation>الشهادات (*.pem *.crt *.cer)</translation>
  </message>
  <message>
   <source>Change</source>
   <translation>التغيّر</translation>
  </message>
  <message>
   <source>Changed cases</source>
   <translation>الحالات التي تغيّرت</translation>
  </message>
  <message>
   <source>Changed tools: {names}</source>
   <translation>أدوات تغيّرت: {names}</translation>
  </message>
  <message>
   <source>Changes to canvas documents and artifacts are left out</source>
   <translation>تُترك التغييرات في المستندات المجاورة للدردشة</translation>
  </message>
  <message>
   <source>Charts</source>
   <translation>الرسوم البيانية</translation>
  </message>
  <message>
   <source>Charts and maps in responses are left out</source>
   <translation>تُترك المخططات والخرائط الموجودة داخل الردود</translation>
  </message>
  <message>
   <source>Chat Completions</source>
   <translation>Chat Completions</translation>
  </message>
  <message>
   <source>ChatGPT, Claude, DeepSeek, Gemini, Google AI Studio, Grok, Mistral, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, Cherry Studio, Jan, LM Studio, NextChat, TypingMind, Witsy, llm (logs.db) or Paragone, or a Markdown file</source>
   <translation>ChatGPT أو Claude أو DeepSeek أو Gemini أو Google AI Studio أو Grok أو Mistral أو Open WebUI أو LibreChat أو Chatbox أو ChatbotUI أو big-AGI أو Cherry Studio أو Jan أو LM Studio أو NextChat أو TypingMind أو Witsy أو llm ‏(logs.db) أو Paragone، أو Markdown</translation>
  </message>
  <message>
   <source>Chats exported as Markdown keep the HTML tags and image links in responses. Other programs may load those images from the internet. If this setting is off, tags and links are exported as plain text.</source>
   <translation>تحتفظ ملفات Markdown المصدَّرة من المحادثات بوسوم HTML وروابط الصور الموجودة في الردود. قد تحمّل برامج أخرى هذه الصور من الإنترنت. وإلا فإنها تُصدَّر نصًا عاديًا.</translation>
  </message>
  <message>
   <source>Cheapest model</source>
   <translation>أرخص نموذج</translation>
  </message>
  <message>
   <source>Check</source>
   <translation>فحص</translation>
  </message>
  <message>
   <source>Check both in `network.proxy`. Write @ as %40, : as %3A and / as %2F.</source>
   <translation>تحقّق منهما في `network.proxy`؛ يُكتب هناك ‎@‎ بصورة ‎%40‎، و‎:‎ بصورة ‎%3A‎، و‎/‎ بصورة ‎%2F‎.</translation>
  </message>
  <message>
   <source>Check each character. The code was shown when encryption was turned on.</source>
   <translation>راجعه حرفًا حرفًا؛ لقد عُرض عند تفعيل التشفير.</translation>
  </message>
  <message>
   <source>Check for a newer version where you got Paragone, or ask your administrator.</source>
   <translation>ابحث عن إصدار أحدث حيث حصلت على Paragone، أو اسأل المسؤول لديك.</translation>
  </message>
  <message>
   <source>Check for an unclosed quotation mark.</source>
   <translation>ابحث عن علامة اقتباس لم تُغلق.</translation>
  </message>
  <message>
   <source>Check for updates</source>
   <translation>البحث عن تحديثات</translation>
  </message>
  <message>
   <source>Check prompts to the embedded model</source>
   <translation>حماية النموذج المضمّن أيضًا</translation>
  </message>
  <message>
   <source>Check spelling</source>
   <translation>التدقيق الإملائي</translation>
  </message>
  <message>
   <source>Check steps</source>
   <translation>خطوات الفحص</translation>
  </message>
  <message>
   <source>Check the account and its billing with the provider. Waiting does not help.</source>
   <translation>راجع الحساب وفواتيره حيث صدر المفتاح؛ الانتظار لا يفيد.</translation>
  </message>
  <message>
   <source>Check the address and the network, and make sure the server is running.</source>
   <translation>تحقّق من العنوان ومن عمل الخادم ومن الشبكة.</translation>
  </message>
  <message>
   <source>Check the address and the port.</source>
   <translation>تحقّق من العنوان ومنفذه.</translation>
  </message>
  <message>
   <source>Check the address, or ask the proxy's administrator to allow {host}.</source>
   <translation>على مشغّل الوكيل السماح بالمضيف ‎{host}‎ فيه؛ أو تحقّق من العنوان.</translation>
  </message>
  <message>
   <source>Check the connection's headers.</source>
   <translation>تحقّق من ترويسات الاتصال.</translation>
  </message>
  <message>
   <source>Check the connection's tenant, or sign in with an account that belongs to it.</source>
   <translation>تحقق من مستأجر الاتصال، أو سجّل الدخول بحساب ينتمي إليه.</translation>
  </message>
  <message>
   <source>Check the date of this computer, or try again later.</source>
   <translation>تحقق من تاريخ هذا الكمبيوتر، أو حاول مرة أخرى لاحقًا.</translation>
  </message>
  <message>
   <source>Check the disk. Everything saved so far is safe.</source>
   <translation>تحقّق من القرص؛ لم يُفقد شيء مما حُفظ من قبل.</translation>
  </message>
  <message>
   <source>Check the file, or choose another model.</source>
   <translation>تحقّق من الملف، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Check the folder's contents, run “{command}”, then start Paragone again.</source>
   <translation>تحقّق من محتوياته، ونفّذ «‎{command}‎»، ثم شغّل Paragone من جديد.</translation>
  </message>
  <message>
   <source>Check the folder's permissions, or choose another one with --data-dir.</source>
   <translation>تحقّق من أذونات المجلد، أو اختر مجلدًا آخر بالخيار ‎--data-dir‎.</translation>
  </message>
  <message>
   <source>Check the folder's permissions, or start Paragone with another data folder.</source>
   <translation>تحقق من أذوناته، أو شغّل Paragone بمجلد بيانات آخر.</translation>
  </message>
  <message>
   <source>Check the imported content. Send the prompt anyway (/allow in a terminal), or change it.</source>
   <translation>راجع ما استُورد؛ ثم أرسله على أي حال، بالأمر ‎/allow‎ في الطرفية، أو غيّره.</translation>
  </message>
  <message>
   <source>Check the network and try again.</source>
   <translation>تحقّق من الشبكة وحاول مجددًا.</translation>
  </message>
  <message>
   <source>Check the network, VPN and proxy. Settings › Network › Connection timeout sets how long to wait.</source>
   <translation>تحقق من الشبكة وVPN والوكيل. تحدد الإعدادات › الشبكة › مهلة الاتصال مدة الانتظار.</translation>
  </message>
  <message>
   <source>Check the network, VPN and proxy. `network.connect_timeout_s` sets how long to wait.</source>
   <translation>تحقّق من الشبكة وVPN والوكيل؛ يحدّد `network.connect_timeout_s` مدة الانتظار.</translation>
  </message>
  <message>
   <source>Check the network, and make sure the server is running.</source>
   <translation>تحقّق من الشبكة ومن عمل الخادم.</translation>
  </message>
  <message>
   <source>Check the parameters, then allow them (`--allow-parameters` in a terminal).</source>
   <translation>راجع المعاملات ثم اسمح بها؛ في الطرفية باستعمال ‎`--allow-parameters`‎.</translation>
  </message>
  <message>
   <source>Check the parameters, then allow them.</source>
   <translation>تحقق من المعلمات ثم اسمح بها.</translation>
  </message>
  <message>
   <source>Check the path in the address. Addresses of OpenAI-compatible servers usually end in /v1.</source>
   <translation>تحقّق من مسار العنوان؛ تنتهي عناوين الخوادم المتوافقة مع OpenAI عادةً بـ ‎/v1‎.</translation>
  </message>
  <message>
   <source>Check the port in the address.</source>
   <translation>تحقّق من منفذ العنوان.</translation>
  </message>
  <message>
   <source>Check the proxy address and credentials in the settings.</source>
   <translation>تحقّق من عنوان الوكيل وبيانات دخوله في الإعدادات.</translation>
  </message>
  <message>
   <source>Check the server's command or address, its environment variables, and its log.</source>
   <translation>تحقّق من أمر الخادم أو عنوانه، ومن متغيرات بيئته وسجله.</translation>
  </message>
  <message>
   <source>Check the server's key or headers. If it uses a sign-in, choose OAuth in its settings.</source>
   <translation>تحقّق من مفتاح الخادم أو ترويساته. إن كان يستخدم تسجيل الدخول، فاختر OAuth في إعداداته.</translation>
  </message>
  <message>
   <source>Check the server's log, or choose another model.</source>
   <translation>انظر في سجل ذلك الخادم، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Check the spelling of the address, and make sure this computer is online.</source>
   <translation>تحقّق من خلوّ العنوان من الأخطاء ومن اتصال هذا الجهاز بالشبكة.</translation>
  </message>
  <message>
   <source>Check the spelling of the address. If the address is correct, do not continue.</source>
   <translation>تحقّق من خلوّ العنوان من خطأ، ولا تتابع إن كان صحيحًا.</translation>
  </message>
  <message>
   <source>Check the user name and password in Settings › Network › Proxy. Write %40 for @, %3A for : and %2F for /.</source>
   <translation>تحقق من كليهما في الإعدادات › الشبكة › الوكيل. اكتب ‎%40 بدل @ و‎%3A بدل : و‎%2F بدل /.</translation>
  </message>
  <message>
   <source>Check this computer's clock.</source>
   <translation>تحقّق من ساعة هذا الحاسوب.</translation>
  </message>
  <message>
   <source>Check this computer's clock. If the clock is correct, ask the server's administrator to renew the certificate.</source>
   <translation>تحقّق من ساعة هذا الحاسوب؛ فإن كانت صحيحة فعلى مشغّل الخادم تجديد الشهادة.</translation>
  </message>
  <message>
   <source>Checking…</source>
   <translation>يجري الفحص…</translation>
  </message>
  <message>
   <source>Checks</source>
   <translation>الفحوص</translation>
  </message>
  <message>
   <source>Checks on prompts before they leave this computer. All checks run locally.</source>
   <translation>ما يحدث للموجّه قبل أن يغادر هذا الحاسوب. يجري فحص كل ذلك هنا وحده.</translation>
  </message>
  <message>
   <source>Checks this computer, the configuration, and whether each connection responds. Each connection is asked for a response of a few tokens.</source>
   <translation>ما في هذا الجهاز وما هو مضبوط، وهل يجيب كل اتصال. يُطلب من كل منها بضعة رموز.</translation>
  </message>
  <message>
   <source>Chinese</source>
   <translation>الصينية</translation>
  </message>
  <message>
   <source>Choose Check to send a very short prompt to one model.</source>
   <translation>يرسل الفحص إلى نموذج واحد طلبًا قصيرًا جدًا.</translation>
  </message>
  <message>
   <source>Choose Evaluate › Replay to compare a successor on your own conversations.</source>
   <translation>اختر تقييم › إعادة التشغيل لمقارنة بديل على محادثاتك.</translation>
  </message>
  <message>
   <source>Choose OAuth in the settings of this server.</source>
   <translation>اختر OAuth في إعدادات هذا الخادم.</translation>
  </message>
  <message>
   <source>Choose a backup that contains a data.json file, as created by older versions.</source>
   <translation>قدّم نسخة احتياطية فيها data.json، كما تكتبها الإصدارات الأقدم.</translation>
  </message>
  <message>
   <source>Choose a complete .gguf file that contains a chat model.</source>
   <translation>اختر ملف ‎.gguf‎ كاملًا لنموذج دردشة.</translation>
  </message>
  <message>
   <source>Choose a default browser, then try again.</source>
   <translation>اختر متصفحًا افتراضيًا، ثم حاول مجددًا.</translation>
  </message>
  <message>
   <source>Choose a model file.</source>
   <translation>اختر ملف نموذج.</translation>
  </message>
  <message>
   <source>Choose a model that accepts images, or try again. Paragone no longer sends images to this model, and its pane shows a note.</source>
   <translation>اختر نموذجًا يرى، أو اسأل مجددًا: من الآن لا يحصل هذا على شيء من الصور، وتقول لوحته ذلك.</translation>
  </message>
  <message>
   <source>Choose a model that the server lists, in the model picker or with `models`.</source>
   <translation>اختر نموذجًا من قائمته، في منتقي النماذج أو بالأمر `models`.</translation>
  </message>
  <message>
   <source>Choose a model that you are allowed to use, or ask for access to this one.</source>
   <translation>اختر نموذجًا يُسمح لك باستخدامه، أو اطلب السماح بهذا النموذج هناك.</translation>
  </message>
  <message>
   <source>Choose a new or empty folder.</source>
   <translation>اختر مجلدًا جديدًا أو فارغًا.</translation>
  </message>
  <message>
   <source>Choose a readable PEM file in Settings › Network › Certificate file, or leave the setting empty.</source>
   <translation>اختر ملف PEM مقروءًا في الإعدادات › الشبكة › ملف الشهادات، أو اتركه فارغًا.</translation>
  </message>
  <message>
   <source>Choose a run of the same suite: cases are matched by their prompts.</source>
   <translation>اختر تشغيلًا للمجموعة نفسها: تُطابق الحالات بموجّهاتها.</translation>
  </message>
  <message>
   <source>Choose a smaller model or quantization, or close other programs.</source>
   <translation>اختر نموذجًا أو تكميمًا أصغر، أو أغلق برامج أخرى.</translation>
  </message>
  <message>
   <source>Choose a smaller model, or give the server more memory.</source>
   <translation>اختر نموذجًا أصغر، أو امنح الخادم ذاكرة أكبر.</translation>
  </message>
  <message>
   <source>Choose a successor.</source>
   <translation>اختر بديلًا.</translation>
  </message>
  <message>
   <source>Choose a system prompt</source>
   <translation>اختيار ما يُقال للنموذج مسبقًا</translation>
  </message>
  <message>
   <source>Choose an export from {programs}.</source>
   <translation>قدّم ملفًا مصدَّرًا من {programs}.</translation>
  </message>
  <message>
   <source>Choose another file.</source>
   <translation>سمِّ ملفًا آخر.</translation>
  </message>
  <message>
   <source>Choose another folder.</source>
   <translation>اختر مجلدًا آخر.</translation>
  </message>
  <message>
   <source>Choose another location, or free some disk space.</source>
   <translation>اختر مكانًا آخر، أو أفرغ بعض المساحة.</translation>
  </message>
  <message>
   <source>Choose another model to continue the chat in a copy.</source>
   <translation>اختر نموذجًا آخر: تستمر الدردشة معه في نسخة.</translation>
  </message>
  <message>
   <source>Choose another model, or add a connection with this name.</source>
   <translation>اختر نموذجًا آخر، أو أضف اتصالًا بهذا الاسم.</translation>
  </message>
  <message>
   <source>Choose another model, or allow a provider that serves this one in the account's settings.</source>
   <translation>اختر نموذجًا آخر، أو اسمح في إعدادات الحساب هناك بمزوّد يوفّره.</translation>
  </message>
  <message>
   <source>Choose another model, or ask the server's administrator to check this model's configuration.</source>
   <translation>اختر نموذجًا آخر، أو اطلب من مسؤول الخادم أن يتحقّق من إعداد هذا النموذج.</translation>
  </message>
  <message>
   <source>Choose another model, or deploy this one to your own endpoint.</source>
   <translation>اختر نموذجًا آخر، أو شغّل له نقطة نهاية خاصة بك هناك.</translation>
  </message>
  <message>
   <source>Choose another model, or remove parameters that few providers accept.</source>
   <translation>اختر نموذجًا آخر، أو ألغِ المعاملات التي لا يقبلها إلا القليل منها.</translation>
  </message>
  <message>
   <source>Choose another model, or set up billing or a quota with the service that issued the key. Waiting does not help.</source>
   <translation>اختر نموذجًا آخر، أو فعّل الفوترة أو حصة حيث صدر المفتاح؛ الانتظار لا يفيد.</translation>
  </message>
  <message>
   <source>Choose another model: this one is not available in the account's region.</source>
   <translation>اختر نموذجًا آخر: فهذا غير متاح في منطقة الحساب.</translation>
  </message>
  <message>
   <source>Choose another model: this one requires a different API.</source>
   <translation>اختر نموذجًا آخر: هذا النموذج يُسأل بطريقة أخرى.</translation>
  </message>
  <message>
   <source>Choose another name.</source>
   <translation>اختر اسمًا آخر.</translation>
  </message>
  <message>
   <source>Choose fewer conversations.</source>
   <translation>اختر محادثات أقل.</translation>
  </message>
  <message>
   <source>Choose file</source>
   <translation>اختيار الملف</translation>
  </message>
  <message>
   <source>Choose files…</source>
   <translation>اختيار ملفات…</translation>
  </message>
  <message>
   <source>Choose folder…</source>
   <translation>اختيار مجلد…</translation>
  </message>
  <message>
   <source>Choose model</source>
   <translation>اختيار النموذج</translation>
  </message>
  <message>
   <source>Choose model file</source>
   <translation>اختيار ملف نموذج</translation>
  </message>
  <message>
   <source>Choose other files…</source>
   <translation>اختيار ملفات أخرى…</translation>
  </message>
  <message>
   <source>Choose the conversation in the sidebar.</source>
   <translation>اختر المحادثة في الشريط الجانبي.</translation>
  </message>
  <message>
   <source>Choose the export file, or a zip archive that contains it.</source>
   <translation>قدّم الملف المصدَّر، أو ملف zip له.</translation>
  </message>
  <message>
   <source>Choose the response in its conversation.</source>
   <translation>اختر الإجابة في محادثتها.</translation>
  </message>
  <message>
   <source>Choose the run on the Runs page.</source>
   <translation>اختر التشغيل في صفحة «عمليات التشغيل».</translation>
  </message>
  <message>
   <source>Choose the tools that models may call</source>
   <translation>اختيار الأدوات التي يجوز للنماذج استدعاؤها</translation>
  </message>
  <message>
   <source>Choose this answer</source>
   <translation>اختيار هذه الإجابة</translation>
  </message>
  <message>
   <source>Choose: {option}</source>
   <translation>اختيار: {option}‏</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>اختيار…</translation>
  </message>
  <message>
   <source>Chosen: {pane}</source>
   <translation>اختير: {pane}</translation>
  </message>
  <message>
   <source>Citations whose source is not in the file are left out</source>
   <translation>تُترك الاستشهادات التي لا يرد مصدرها في الملف</translation>
  </message>
  <message>
   <source>Claude is only available at {there}. Add a connection with that address and its key.</source>
   <translation>يجيب Claude عند {there} وحده. أضف اتصالًا به مع مفتاحه.</translation>
  </message>
  <message>
   <source>Clear</source>
   <translation>مسح</translation>
  </message>
  <message>
   <source>Clear answers of a fitting length</source>
   <translation>إجابات واضحة بطول مناسب</translation>
  </message>
  <message>
   <source>Clear search</source>
   <translation>مسح البحث</translation>
  </message>
  <message>
   <source>Clearest regressions</source>
   <translation>أوضح حالات التراجع</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>إغلاق</translation>
  </message>
  <message>
   <source>Close (Esc)</source>
   <translation>إغلاق (Esc)‏</translation>
  </message>
  <message>
   <source>Close all other instances of Paragone, then start it again.</source>
   <translation>أغلق كل نسخة أخرى قيد التشغيل من البرنامج، ثم ابدأه من جديد.</translation>
  </message>
  <message>
   <source>Close differences</source>
   <translation>إغلاق الاختلافات</translation>
  </message>
  <message>
   <source>Close fields</source>
   <translation>إغلاق الحقول</translation>
  </message>
  <message>
   <source>Close figures</source>
   <translation>إغلاق القياسات</translation>
  </message>
  <message>
   <source>Close merged response</source>
   <translation>إغلاق الإجابة المدمجة</translation>
  </message>
  <message>
   <source>Close other programs that use this data folder and try again.</source>
   <translation>أغلق البرامج الأخرى التي تستخدم مجلد البيانات هذا وحاول مجددًا.</translation>
  </message>
  <message>
   <source>Close other programs, then try again.</source>
   <translation>أغلق برامج أخرى، ثم حاول مجددًا.</translation>
  </message>
  <message>
   <source>Close pane</source>
   <translation>إغلاق اللوحة</translation>
  </message>
  <message>
   <source>Close panes or other programs, or raise the system's limit (`ulimit -n` shows it).</source>
   <translation>أغلق لوحات أو برامج أخرى، أو اجعل النظام يسمح بالمزيد (يعرض ‎`ulimit -n`‎ العدد).</translation>
  </message>
  <message>
   <source>Close that program and try again. Nothing was changed.</source>
   <translation>أغلقه وحاول مجددًا؛ لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Close tool calls</source>
   <translation>إغلاق استدعاءات الأدوات</translation>
  </message>
  <message>
   <source>Code</source>
   <translation>الشيفرة</translation>
  </message>
  <message>
   <source>Code does not parse</source>
   <translation>شيفرة بخطأ في الصياغة</translation>
  </message>
  <message>
   <source>Code help</source>
   <translation>مساعدة برمجية</translation>
  </message>
  <message>
   <source>Code missing</source>
   <translation>الشيفرة مفقودة</translation>
  </message>
  <message>
   <source>Code, {language}, {lines}</source>
   <translation>شيفرة، {language}، {lines}</translation>
  </message>
  <message>
   <source>Code: {code}</source>
   <translation>الرمز: {code}‏</translation>
  </message>
  <message>
   <source>Collapse reasoning</source>
   <translation>طيّ الأفكار</translation>
  </message>
  <message>
   <source>Column {number} has no name.</source>
   <translation>العمود {number} بلا اسم.</translation>
  </message>
  <message>
   <source>Columns missing from the file: {columns}.</source>
   <translation>الأعمدة غير الموجودة في الملف: {columns}.</translation>
  </message>
  <message>
   <source>Combine into one best response</source>
   <translation>صهرها في أفضل إجابة واحدة</translation>
  </message>
  <message>
   <source>Comfortable</source>
   <translation>مريح</translation>
  </message>
  <message>
   <source>Command</source>
   <translation>الأمر</translation>
  </message>
  <message>
   <source>Commands</source>
   <translation>الأوامر</translation>
  </message>
  <message>
   <source>Commands and conversations</source>
   <translation>الأوامر والمحادثات</translation>
  </message>
  <message>
   <source>Company</source>
   <translation>الشركة</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>مقارنة</translation>
  </message>
  <message>
   <source>Compare a successor on your own conversations: paragone successor {new} --of {old}</source>
   <translation>قارن بديلًا على محادثاتك: ‎paragone successor {new} --of {old}‎</translation>
  </message>
  <message>
   <source>Compare by criteria</source>
   <translation>مقارنة وفق معايير</translation>
  </message>
  <message>
   <source>Compare on your conversations</source>
   <translation>المقارنة على محادثاتك</translation>
  </message>
  <message>
   <source>Compare on your conversations…</source>
   <translation>المقارنة على محادثاتك…</translation>
  </message>
  <message>
   <source>Compare these answers on {criteria}. Give a short verdict on each answer for each criterion, then say which answer is best and why.</source>
   <translation>قارن هذه الإجابات وفق {criteria}. أعطِ حكمًا موجزًا على كل إجابة وفق كل معيار، ثم قل أي الإجابات أفضل ولماذا.</translation>
  </message>
  <message>
   <source>Compare: {name}</source>
   <translation>مقارنة: {name}</translation>
  </message>
  <message>
   <source>Compared with</source>
   <translation>مقارنة بـ</translation>
  </message>
  <message>
   <source>Compare…</source>
   <translation>مقارنة…</translation>
  </message>
  <message>
   <source>Comparing…</source>
   <translation>يُحسب الآن …</translation>
  </message>
  <message>
   <source>Comparison</source>
   <translation>المقارنة</translation>
  </message>
  <message>
   <source>Comparison saved to {path}</source>
   <translation>كُتبت المقارنة في {path}</translation>
  </message>
  <message>
   <source>Comparison, expanded</source>
   <translation>مقارنة، موسّعة</translation>
  </message>
  <message>
   <source>Comparisons</source>
   <translation>المقارنات</translation>
  </message>
  <message>
   <source>Comparisons beyond the limit for one file are left out</source>
   <translation>استُبعدت المقارنات الزائدة على ما يجوز لملف واحد أن يجلبه</translation>
  </message>
  <message>
   <source>Complete the sign-in in the browser, or cancel it.</source>
   <translation>أكمل تسجيل الدخول في المتصفح، أو ألغه.</translation>
  </message>
  <message>
   <source>Computing…</source>
   <translation>يجري الحساب…</translation>
  </message>
  <message>
   <source>Conclusions</source>
   <translation>ما يمكن تأكيده</translation>
  </message>
  <message>
   <source>Confidence</source>
   <translation>مستوى الثقة</translation>
  </message>
  <message>
   <source>Configuration</source>
   <translation>الإعدادات المنسوخة</translation>
  </message>
  <message>
   <source>Connect the disk that contains the folder. To start with an empty history, remove the file {file}.</source>
   <translation>صِل القرص الذي يحتويه. وللبدء من جديد، أزل الملف ‎{file}‎.</translation>
  </message>
  <message>
   <source>Connection</source>
   <translation>الاتصال</translation>
  </message>
  <message>
   <source>Connection timeout</source>
   <translation>مهلة الاتصال</translation>
  </message>
  <message>
   <source>Connection type</source>
   <translation>نوع الاتصال</translation>
  </message>
  <message>
   <source>Connections</source>
   <translation>الاتصالات</translation>
  </message>
  <message>
   <source>Connections of this type have only one API format.</source>
   <translation>لهذا النوع من الاتصالات طريق واحد.</translation>
  </message>
  <message>
   <source>Contender</source>
   <translation>المتنافس</translation>
  </message>
  <message>
   <source>Contenders</source>
   <translation>المتنافسون</translation>
  </message>
  <message>
   <source>Contenders in both runs</source>
   <translation>متنافسو التشغيلين</translation>
  </message>
  <message>
   <source>Contenders: {names}.</source>
   <translation>وهي: {names}.</translation>
  </message>
  <message>
   <source>Content</source>
   <translation>النطاق</translation>
  </message>
  <message>
   <source>Content of an unknown type is left out</source>
   <translation>يُترك المحتوى مجهول النوع</translation>
  </message>
  <message>
   <source>Context</source>
   <translation>السياق</translation>
  </message>
  <message>
   <source>Context rule</source>
   <translation>قاعدة السياق</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>متابعة</translation>
  </message>
  <message>
   <source>Continue from chosen responses</source>
   <translation>المتابعة من الإجابات المختارة</translation>
  </message>
  <message>
   <source>Continue review</source>
   <translation>متابعة المراجعة</translation>
  </message>
  <message>
   <source>Continue the response, or try again.</source>
   <translation>تابع الإجابة، أو اسأل مجددًا.</translation>
  </message>
  <message>
   <source>Continue the run in a terminal: `paragone runs resume`.</source>
   <translation>واصِله في الطرفية: `paragone runs resume`.</translation>
  </message>
  <message>
   <source>Control</source>
   <translation>الضبط</translation>
  </message>
  <message>
   <source>Controls</source>
   <translation>المقارنات الضابطة</translation>
  </message>
  <message>
   <source>Controls randomness: higher values give more varied text.</source>
   <translation>مدى حرية اختيار الكلمات.</translation>
  </message>
  <message>
   <source>Conversation</source>
   <translation>المحادثة</translation>
  </message>
  <message>
   <source>Conversation {number}</source>
   <translation>المحادثة {number}‏</translation>
  </message>
  <message>
   <source>Conversations</source>
   <translation>المحادثات</translation>
  </message>
  <message>
   <source>Conversations appear here. They stay on this computer.</source>
   <translation>تظهر المحادثات هنا. وتبقى على هذا الحاسوب.</translation>
  </message>
  <message>
   <source>Conversations are encrypted.</source>
   <translation>إنها مشفّرة.</translation>
  </message>
  <message>
   <source>Conversations are not encrypted.</source>
   <translation>إنها غير مشفّرة.</translation>
  </message>
  <message>
   <source>Conversations per month</source>
   <translation>مرات في الشهر</translation>
  </message>
  <message>
   <source>Conversations that Chatbox could not export are missing ({count}).</source>
   <translation>تنقص محادثات لم يتمكن Chatbox من تضمينها ({count}).</translation>
  </message>
  <message>
   <source>Conversations without a date are assigned the import date ({count} of {total}).</source>
   <translation>المحادثات التي بلا تاريخ تأخذ تاريخ الاستيراد ({count} من {total}).</translation>
  </message>
  <message>
   <source>Copied</source>
   <translation>نُسخ</translation>
  </message>
  <message>
   <source>Copied.</source>
   <translation>نُسخ.</translation>
  </message>
  <message>
   <source>Copies</source>
   <translation>النسخ</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>نسخ</translation>
  </message>
  <message>
   <source>Copy address</source>
   <translation>نسخ العنوان</translation>
  </message>
  <message>
   <source>Copy as Markdown</source>
   <translation>نسخ بصيغة Markdown‏</translation>
  </message>
  <message>
   <source>Copy as table</source>
   <translation>نسخ جدولًا</translation>
  </message>
  <message>
   <source>Copy code</source>
   <translation>نسخ الرمز</translation>
  </message>
  <message numerus="yes">
   <source>Copy code ({language}, {n} lines)</source>
   <translation>
    <numerusform>نسخ الشيفرة ({language}، {n} سطر)</numerusform>
    <numerusform>نسخ الشيفرة ({language}، سطر واحد)</numerusform>
    <numerusform>نسخ الشيفرة ({language}، سطران)</numerusform>
    <numerusform>نسخ الشيفرة ({language}، {n} أسطر)</numerusform>
    <numerusform>نسخ الشيفرة ({language}، {n} سطرًا)</numerusform>
    <numerusform>نسخ الشيفرة ({language}، {n} سطر)</numerusform>
   </translation>
  </message>
  <message>
   <source>Copy the endpoint address from the portal, for example https://NAME.openai.azure.com.</source>
   <translation>انسخ عنوان نقطة النهاية من البوابة، مثل https://NAME.openai.azure.com‎.</translation>
  </message>
  <message>
   <source>Copying…</source>
   <translation>يجري النسخ…</translation>
  </message>
  <message>
   <source>Correct or remove the file.</source>
   <translation>صحّح الملف أو أزله.</translation>
  </message>
  <message>
   <source>Correct spelling</source>
   <translation>تصحيح الإملاء</translation>
  </message>
  <message>
   <source>Correct the `entra.authority` setting.</source>
   <translation>صحّح `entra.authority`.</translation>
  </message>
  <message>
   <source>Correct the address in Settings › Network › Sign-in server.</source>
   <translation>صحّح الإعدادات › الشبكة › خادم تسجيل الدخول.</translation>
  </message>
  <message>
   <source>Correct the arguments, then try again.</source>
   <translation>صحّح الوسائط، ثم حاول مجددًا.</translation>
  </message>
  <message>
   <source>Correct the file manually. Nothing was changed.</source>
   <translation>صحّحه يدويًا؛ لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Correct the problem, then resume the run and retry its errors.</source>
   <translation>أصلِح ذلك، ثم تابِع التشغيل وأعِد محاولة أخطائه.</translation>
  </message>
  <message>
   <source>Corrected from “{shown}”.</source>
   <translation>صُحّح من «‎{shown}‎».</translation>
  </message>
  <message>
   <source>Cost</source>
   <translation>التكلفة</translation>
  </message>
  <message>
   <source>Cost (USD)</source>
   <translation>التكلفة (دولار)</translation>
  </message>
  <message>
   <source>Cost and speed</source>
   <translation>التكلفة والسرعة</translation>
  </message>
  <message>
   <source>Cost at volume</source>
   <translation>التكلفة عند التكرار</translation>
  </message>
  <message>
   <source>Cost cap</source>
   <translation>التوقف قبل أن يكلّف أكثر من</translation>
  </message>
  <message>
   <source>Cost of this replay</source>
   <translation>تكلفة إعادة التشغيل هذه</translation>
  </message>
  <message>
   <source>Cost per day</source>
   <translation>التكلفة في اليوم</translation>
  </message>
  <message>
   <source>Cost per month</source>
   <translation>التكلفة في الشهر</translation>
  </message>
  <message>
   <source>Cost per response</source>
   <translation>تكلفة الإجابة</translation>
  </message>
  <message>
   <source>Cost per turn</source>
   <translation>التكلفة لكل دور</translation>
  </message>
  <message>
   <source>Cost per week</source>
   <translation>التكلفة في الأسبوع</translation>
  </message>
  <message>
   <source>Costs and times of the incumbent are those of the day of its answer; prices, network and load change.</source>
   <translation>تكاليف النموذج القديم وأزمنته هي ما كانت عليه يوم إجابته؛ والأسعار والشبكة والحِمل تتغيّر.</translation>
  </message>
  <message>
   <source>Counted from the last message. Applies if conversations are kept for a number of days.</source>
   <translation>تُحسب من آخر رسالة في المحادثة. ولها أثر حين تُحفظ المحادثات بضعة أيام.</translation>
  </message>
  <message>
   <source>Counting…</source>
   <translation>جارٍ العد…</translation>
  </message>
  <message>
   <source>Create a key in another project or organization with the provider, and enter it.</source>
   <translation>أنشئ مفتاحًا في مشروع آخر أو مؤسسة أخرى حيث صدر هذا المفتاح، وأدخله.</translation>
  </message>
  <message>
   <source>Create a new key with the provider, and enter it. The old key will not work again.</source>
   <translation>أنشئ مفتاحًا جديدًا من حيث جاء هذا المفتاح وأدخله؛ فهذا لن يعمل مرة أخرى.</translation>
  </message>
  <message>
   <source>Creating the {kind} would take too much memory.</source>
   <translation>سيحتاج ملف {kind} إلى ذاكرة كبيرة جدًا.</translation>
  </message>
  <message>
   <source>Criteria</source>
   <translation>المعايير</translation>
  </message>
  <message>
   <source>Current time, and reading attached files</source>
   <translation>الوقت الحالي، وقراءة الملفات المرفقة</translation>
  </message>
  <message>
   <source>Custom instruction</source>
   <translation>بكلماتك أنت</translation>
  </message>
  <message>
   <source>Custom patterns</source>
   <translation>أنماط خاصة</translation>
  </message>
  <message>
   <source>Customer-service reply</source>
   <translation>ردّ خدمة العملاء</translation>
  </message>
  <message>
   <source>Cut off</source>
   <translation>مقطوعة</translation>
  </message>
  <message>
   <source>Cyrillic script</source>
   <translation>الكتابة الكيريلية</translation>
  </message>
  <message>
   <source>DOCX</source>
   <translation>DOCX</translation>
  </message>
  <message>
   <source>Damaged database, moved on {when}</source>
   <translation>تالفة، نُحّيت جانبًا في {when}‏</translation>
  </message>
  <message>
   <source>Dark</source>
   <translation>داكن</translation>
  </message>
  <message>
   <source>Data sent over http can be read and changed on its way.</source>
   <translation>يمكن قراءة البيانات المرسلة عبر http وتغييرها في طريقها.</translation>
  </message>
  <message>
   <source>Date</source>
   <translation>التاريخ</translation>
  </message>
  <message>
   <source>Day</source>
   <translation>اليوم</translation>
  </message>
  <message>
   <source>Days that conversations stay in the trash before they are deleted permanently.</source>
   <translation>عدد الأيام التي تبقى فيها المحادثات في سلة المهملات قبل حذفها نهائيًا.</translation>
  </message>
  <message>
   <source>Days to keep</source>
   <translation>أيام الحفظ</translation>
  </message>
  <message>
   <source>Days to keep conversations</source>
   <translation>أيام حفظ المحادثات</translation>
  </message>
  <message>
   <source>Decided by human review.</source>
   <translation>هكذا يقول شخص.</translation>
  </message>
  <message>
   <source>Decision</source>
   <translation>القرار</translation>
  </message>
  <message>
   <source>Decision on {tool}</source>
   <translation>القرار بشأن {tool}</translation>
  </message>
  <message>
   <source>Decline</source>
   <translation>رفض</translation>
  </message>
  <message>
   <source>Decrypting…</source>
   <translation>تُكتب الملفات الصريحة…</translation>
  </message>
  <message>
   <source>Default text size</source>
   <translation>حجم النص المعتاد</translation>
  </message>
  <message>
   <source>Defaults for new conversations. Existing conversations do not change.</source>
   <translation>ما تبدأ به المحادثات الجديدة. أما الموجودة فتبقى كما هي.</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>حذف</translation>
  </message>
  <message>
   <source>Delete message…</source>
   <translation>حذف الرسالة…</translation>
  </message>
  <message>
   <source>Delete permanently</source>
   <translation>حذف نهائي</translation>
  </message>
  <message>
   <source>Delete permanently…</source>
   <translation>حذف نهائي…</translation>
  </message>
  <message>
   <source>Delete tag</source>
   <translation>حذف الوسم</translation>
  </message>
  <message numerus="yes">
   <source>Delete this message and the {n} messages after it? You cannot undo this.</source>
   <translation>
    <numerusform>حذف هذه الرسالة؟ لا يمكن التراجع عن ذلك.</numerusform>
    <numerusform>حذف هذه الرسالة والرسالة التي تليها؟ لا يمكن التراجع عن ذلك.</numerusform>
    <numerusform>حذف هذه الرسالة والرسالتين بعدها؟ لا يمكن التراجع عن ذلك.</numerusform>
    <numerusform>حذف هذه الرسالة و{n} رسائل بعدها؟ لا يمكن التراجع عن ذلك.</numerusform>
    <numerusform>حذف هذه الرسالة و{n} رسالة بعدها؟ لا يمكن التراجع عن ذلك.</numerusform>
    <numerusform>حذف هذه الرسالة و{n} رسالة بعدها؟ لا يمكن التراجع عن ذلك.</numerusform>
   </translation>
  </message>
  <message>
   <source>Delete this message? You cannot undo this.</source>
   <translation>حذف هذه الرسالة؟ لا يمكن التراجع عن ذلك.</translation>
  </message>
  <message>
   <source>Delete this replay?</source>
   <translation>هل تريد حذف إعادة التشغيل هذه؟</translation>
  </message>
  <message>
   <source>Delete this run?</source>
   <translation>هل تريد حذف هذا التشغيل؟</translation>
  </message>
  <message numerus="yes">
   <source>Delete {n} conversations permanently?</source>
   <translation>
    <numerusform>أتريد حذف {n} محادثة نهائيًا؟</numerusform>
    <numerusform>أتريد حذف محادثة واحدة نهائيًا؟</numerusform>
    <numerusform>أتريد حذف محادثتين نهائيًا؟</numerusform>
    <numerusform>أتريد حذف {n} محادثات نهائيًا؟</numerusform>
    <numerusform>أتريد حذف {n} محادثة نهائيًا؟</numerusform>
    <numerusform>أتريد حذف {n} محادثة نهائيًا؟</numerusform>
   </translation>
  </message>
  <message>
   <source>Delete “{title}” permanently?</source>
   <translation>أتريد حذف «{title}» نهائيًا؟</translation>
  </message>
  <message>
   <source>Deleted conversation</source>
   <translation>محادثة محذوفة</translation>
  </message>
  <message>
   <source>Deleted conversations can be restored only from a backup. Daily backups are kept for seven days.</source>
   <translation>لا يمكن استعادتها إلا من نسخة احتياطية. تحتفظ بها النسخ الاحتياطية اليومية سبعة أيام.</translation>
  </message>
  <message>
   <source>Delete…</source>
   <translation>حذف…</translation>
  </message>
  <message>
   <source>Deny</source>
   <translation>منع</translation>
  </message>
  <message>
   <source>Deny {tool}</source>
   <translation>منع {tool}</translation>
  </message>
  <message>
   <source>Deployment names that the server does not list. Paragone tries each of them.</source>
   <translation>أسماء عمليات نشر لا يسردها الخادم؛ تُجرَّب كل منها</translation>
  </message>
  <message>
   <source>Description</source>
   <translation>الوصف</translation>
  </message>
  <message>
   <source>Desktop shortcut</source>
   <translation>اختصار سطح المكتب</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>التفاصيل</translation>
  </message>
  <message>
   <source>Difference</source>
   <translation>الفرق</translation>
  </message>
  <message>
   <source>Differences</source>
   <translation>الاختلافات</translation>
  </message>
  <message>
   <source>Different headers were sent: {names}.</source>
   <translation>أُرسل بترويسات أخرى: {names}.</translation>
  </message>
  <message>
   <source>Discard</source>
   <translation>تجاهل</translation>
  </message>
  <message>
   <source>Discard changes</source>
   <translation>تجاهل التغييرات</translation>
  </message>
  <message>
   <source>Discard round…</source>
   <translation>تجاهل هذه الجولة…</translation>
  </message>
  <message>
   <source>Discard this blind round?</source>
   <translation>هل تريد تجاهل هذه الجولة العمياء؟</translation>
  </message>
  <message>
   <source>Discard “{prompt}”</source>
   <translation>حذف «{prompt}»</translation>
  </message>
  <message>
   <source>Dismiss</source>
   <translation>تجاهل</translation>
  </message>
  <message>
   <source>Distance</source>
   <translation>البعد</translation>
  </message>
  <message>
   <source>Distance between responses</source>
   <translation>البعد بين الإجابات</translation>
  </message>
  <message>
   <source>Distances need two complete responses.</source>
   <translation>يلزم جوابان مكتملان ليكون بينهما بُعد.</translation>
  </message>
  <message>
   <source>Do not allow</source>
   <translation>عدم السماح</translation>
  </message>
  <message>
   <source>Do not continue: the server's administrator must replace the certificate.</source>
   <translation>لا تتابع؛ على مشغّل الخادم استبدالها.</translation>
  </message>
  <message>
   <source>Do not quit</source>
   <translation>عدم الإنهاء</translation>
  </message>
  <message>
   <source>Do not sign in at {name} now</source>
   <translation>عدم تسجيل الدخول إلى {name} الآن</translation>
  </message>
  <message>
   <source>Doctor</source>
   <translation>التشخيص</translation>
  </message>
  <message>
   <source>Done</source>
   <translation>تم</translation>
  </message>
  <message>
   <source>Done for now</source>
   <translation>يكفي الآن</translation>
  </message>
  <message>
   <source>Download it again.</source>
   <translation>نزّله مجددًا.</translation>
  </message>
  <message>
   <source>Drop exports here: .json, .zip, .md, logs.db or a folder</source>
   <translation>أفلت الملفات المُصدَّرة هنا: ‎.json أو ‎.zip أو ‎.md أو logs.db أو مجلد</translation>
  </message>
  <message>
   <source>Duplicate pane</source>
   <translation>تكرار اللوحة</translation>
  </message>
  <message>
   <source>Duplicate pane without history</source>
   <translation>تكرار اللوحة دون السجل</translation>
  </message>
  <message>
   <source>Duration</source>
   <translation>المدة</translation>
  </message>
  <message>
   <source>Duration (ms)</source>
   <translation>المدة (م.ث)</translation>
  </message>
  <message>
   <source>Dutch</source>
   <translation>الهولندية</translation>
  </message>
  <message>
   <source>E-mail</source>
   <translation>بريد إلكتروني</translation>
  </message>
  <message>
   <source>Each model received its own responses as history.</source>
   <translation>أُعطي كل نموذج إجاباته هو سجلًا.</translation>
  </message>
  <message>
   <source>Each model receives its own responses.</source>
   <translation>يُعطى كل نموذج إجاباته هو.</translation>
  </message>
  <message>
   <source>Each process that reads attachments can use up to {most} MB of memory and has no network access.</source>
   <translation>يمكن لكل عملية تقرأ المرفقات أن تستخدم حتى {most} ميغابايت من الذاكرة، ولا يمكنها الوصول إلى الشبكة.</translation>
  </message>
  <message>
   <source>Each process that reads attachments can use up to {most} MB of memory. This system cannot block its network access.</source>
   <translation>يمكن لكل عملية تقرأ المرفقات أن تستخدم حتى {most} ميغابايت من الذاكرة. لا يستطيع هذا النظام منع وصولها إلى الشبكة.</translation>
  </message>
  <message>
   <source>Each tool call is made once per case. Later responses get the recorded result.</source>
   <translation>يُجرى كل استدعاء لأداة مرة واحدة لكل حالة. وتحصل الإجابات اللاحقة على النتيجة المسجلة.</translation>
  </message>
  <message>
   <source>Each turn was asked once. A model's answers to the same prompt vary.</source>
   <translation>سُئل كل دور مرة واحدة. تتفاوت إجابات النموذج عن الموجّه نفسه.</translation>
  </message>
  <message>
   <source>Each variable needs a unique name that consists of lowercase letters and digits.</source>
   <translation>يحتاج كل متغيّر إلى اسم خاص به، من حروف لاتينية صغيرة وأرقام.</translation>
  </message>
  <message>
   <source>Earlier</source>
   <translation>السابق</translation>
  </message>
  <message>
   <source>Earlier answer</source>
   <translation>إجابة سابقة</translation>
  </message>
  <message>
   <source>Earlier attempt: {reason}</source>
   <translation>جُرّب من قبل: {reason}</translation>
  </message>
  <message>
   <source>Edit</source>
   <translation>تحرير</translation>
  </message>
  <message>
   <source>Edit as text…</source>
   <translation>تحرير كنص…</translation>
  </message>
  <message>
   <source>Edit last prompt</source>
   <translation>تحرير آخر موجّه</translation>
  </message>
  <message>
   <source>Edit preset</source>
   <translation>تحرير الإعداد المسبق</translation>
  </message>
  <message>
   <source>Edit response schema…</source>
   <translation>تحرير مخطط الإجابة…</translation>
  </message>
  <message>
   <source>Edit the arguments</source>
   <translation>تحرير الوسائط</translation>
  </message>
  <message>
   <source>Edit the connection and enter the header's value again.</source>
   <translation>أدخل قيمة الترويسة مجددًا: عدّل الاتصال.</translation>
  </message>
  <message>
   <source>Edit tool server</source>
   <translation>تحرير خادم الأدوات</translation>
  </message>
  <message>
   <source>Edit {name}</source>
   <translation>تحرير ‎{name}‎‏</translation>
  </message>
  <message>
   <source>Edit “{prompt}”</source>
   <translation>استرجاع «{prompt}»</translation>
  </message>
  <message>
   <source>Edit, remove, import, export</source>
   <translation>تحرير وإزالة واستيراد وتصدير</translation>
  </message>
  <message>
   <source>Editing a prompt. The previous version is kept.</source>
   <translation>تحرير موجّه؛ يبقى القديم محفوظًا إلى جانبه</translation>
  </message>
  <message>
   <source>Editing canceled</source>
   <translation>لم يعد الموجّه قيد التحرير</translation>
  </message>
  <message>
   <source>Edit…</source>
   <translation>تحرير…</translation>
  </message>
  <message>
   <source>Embedded engine threads</source>
   <translation>خيوط المحرّك المضمّن</translation>
  </message>
  <message>
   <source>Embedded model</source>
   <translation>النموذج المضمّن</translation>
  </message>
  <message>
   <source>Empty</source>
   <translation>فارغة</translation>
  </message>
  <message>
   <source>Empty parameters are not sent: the model's defaults apply.</source>
   <translation>ما يُترك فارغًا لا يُرسل: تسري قيمة النموذج نفسه.</translation>
  </message>
  <message>
   <source>Empty the trash after</source>
   <translation>إفراغ سلة المهملات بعد</translation>
  </message>
  <message>
   <source>Empty trash…</source>
   <translation>إفراغ سلة المهملات…</translation>
  </message>
  <message>
   <source>Enable billing with the service that issued the key, or enter another key.</source>
   <translation>فعّل الفوترة حيث صدر المفتاح، أو أدخل مفتاحًا آخر.</translation>
  </message>
  <message>
   <source>Enable this API for the key's project, and try again after a few minutes.</source>
   <translation>فعّل هذه الواجهة للمشروع الذي ينتمي إليه المفتاح، ثم اسأل مجددًا بعد بضع دقائق.</translation>
  </message>
  <message>
   <source>Encrypt conversations</source>
   <translation>تشفير المحادثات</translation>
  </message>
  <message>
   <source>Encrypt conversations…</source>
   <translation>تشفير المحادثات…</translation>
  </message>
  <message>
   <source>Encrypt now</source>
   <translation>التشفير الآن</translation>
  </message>
  <message>
   <source>Encrypting… New messages will be saved when encryption is complete.</source>
   <translation>يجري التشفير… ما يُقال أثناء ذلك يُحفظ عند انتهائه.</translation>
  </message>
  <message>
   <source>Encryption</source>
   <translation>التشفير</translation>
  </message>
  <message>
   <source>Encrypts the database, its search index and its backups on the disk. The key is stored in the keyring. If the key is lost, you can open your conversations with a recovery code.</source>
   <translation>قاعدة البيانات وفهرس البحث والنسخ الاحتياطية مشفّرة على القرص. المفتاح في حلقة المفاتيح؛ ويفتحها رمز استرداد إن فُقد.</translation>
  </message>
  <message>
   <source>Encrypt…</source>
   <translation>تشفير…</translation>
  </message>
  <message>
   <source>End blind rounds</source>
   <translation>إنهاء الجولات العمياء</translation>
  </message>
  <message>
   <source>English</source>
   <translation>الإنجليزية</translation>
  </message>
  <message>
   <source>Enter</source>
   <translation>Enter</translation>
  </message>
  <message>
   <source>Enter a key in the connection's settings.</source>
   <translation>أدخل مفتاحًا في إعدادات الاتصال.</translation>
  </message>
  <message>
   <source>Enter a later api-version in the address, or use the v1 address, which does not need one.</source>
   <translation>أدخل مع العنوان إصدار api-version أحدث، أو استخدم عنوان v1 الذي لا يحتاج إليه.</translation>
  </message>
  <message>
   <source>Enter a tenant ID, or a domain such as contoso.onmicrosoft.com.</source>
   <translation>أدخل معرّفه، أو نطاقًا مثل contoso.onmicrosoft.com.</translation>
  </message>
  <message>
   <source>Enter a value for {field}.</source>
   <translation>أدخل قيمة لـ {field}.</translation>
  </message>
  <message>
   <source>Enter a whole number of days, {most} at most.</source>
   <translation>تُحفظ المحادثات لأيام كاملة، {most} على الأكثر.</translation>
  </message>
  <message>
   <source>Enter an access token instead of the key, or the address of an API that accepts keys.</source>
   <translation>أدخل رمز وصول بدل المفتاح، أو عنوان الواجهة التي تقبل المفاتيح.</translation>
  </message>
  <message>
   <source>Enter http://HOST:PORT in Settings › Network › Proxy. SOCKS proxies are not supported.</source>
   <translation>أدخل http://HOST:PORT في الإعدادات › الشبكة › الوكيل. وكلاء SOCKS غير مدعومين.</translation>
  </message>
  <message>
   <source>Enter http://HOST:PORT or `none`, or leave the field empty. SOCKS proxies are not supported.</source>
   <translation>يقبل http://HOST:PORT‎ أو `none` أو تركه فارغًا؛ وكلاء SOCKS غير مدعومة.</translation>
  </message>
  <message>
   <source>Enter http://NAME:PASSWORD@HOST:PORT in Settings › Network › Proxy.</source>
   <translation>أدخل http://NAME:PASSWORD@HOST:PORT في الإعدادات › الشبكة › الوكيل.</translation>
  </message>
  <message>
   <source>Enter more characters of the ID.</source>
   <translation>اكتب محارف أكثر من المعرّف.</translation>
  </message>
  <message>
   <source>Enter the absolute path.</source>
   <translation>اكتب المسار كاملًا.</translation>
  </message>
  <message>
   <source>Enter the address as http://HOST:PORT in `network.proxy`. SOCKS proxies are not supported.</source>
   <translation>اكتبه على صورة http://HOST:PORT‎ في `network.proxy`؛ وكلاء SOCKS غير مدعومة.</translation>
  </message>
  <message>
   <source>Enter the connection's key again, or set the environment variable that the connection uses.</source>
   <translation>أدخل مفتاح الاتصال مجددًا، أو اضبط المتغيّر الذي يسمّيه.</translation>
  </message>
  <message>
   <source>Enter the connection's key again.</source>
   <translation>أدخل مفتاح الاتصال مجددًا.</translation>
  </message>
  <message>
   <source>Enter the folder's absolute path in {file}. To start with an empty history, remove the file.</source>
   <translation>اكتب المسار كاملًا في {file}. وللبدء من جديد احذف هذا الملف.</translation>
  </message>
  <message>
   <source>Enter the header's name first, then the key as its value.</source>
   <translation>اكتب اسم الترويسة أولًا، ثم المفتاح قيمةً لها.</translation>
  </message>
  <message>
   <source>Enter the header's value as the key: keys are stored in the keyring.</source>
   <translation>أدخل قيمته كمفتاح: فذلك يُحفظ في سلسلة المفاتيح.</translation>
  </message>
  <message>
   <source>Enter the key again. A regenerated key replaces the old one immediately.</source>
   <translation>أدخل المفتاح مجددًا؛ فالمفتاح المجدَّد يحلّ محل القديم فورًا.</translation>
  </message>
  <message>
   <source>Enter the key for “{name}” again, or run `connections remove {name}`. Either deletes the old key.</source>
   <translation>أدخل مفتاح «{name}» مجددًا: فهذا يمحو الآخر، وكذلك يفعل ‎`connections remove {name}`‎.</translation>
  </message>
  <message>
   <source>Enter the key for “{name}” again. This deletes the old key.</source>
   <translation>أدخل مفتاح «{name}» مجددًا: يمحو ذلك الآخر.</translation>
  </message>
  <message>
   <source>Enter the key in the key field, or pass it with --key-stdin.</source>
   <translation>مكان المفتاح هو حقل المفتاح، أو --key-stdin.</translation>
  </message>
  <message>
   <source>Enter the key in the key field.</source>
   <translation>أدخل المفتاح في حقل المفتاح.</translation>
  </message>
  <message>
   <source>Enter the name of an inference profile that contains the model. It begins with a region, such as “us.”.</source>
   <translation>أدخل اسم ملف استدلال يضم النموذج؛ يبدأ بمنطقة مثل «us.».</translation>
  </message>
  <message>
   <source>Enter the recovery code in the window, or with `storage recover` in a terminal.</source>
   <translation>أدخل رمز الاسترداد: `storage recover` في طرفية، أو في النافذة.</translation>
  </message>
  <message>
   <source>Enter the recovery code that was shown when encryption was turned on. Nothing was changed.</source>
   <translation>اكتب رمز الاسترداد الذي عُرض عند تفعيل التشفير. لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Enter the recovery code.</source>
   <translation>أدخل رمز الاسترداد.</translation>
  </message>
  <message>
   <source>Enter the user name and password in `network.proxy` as http://NAME:PASSWORD@HOST:PORT.</source>
   <translation>اكتبه في `network.proxy` على صورة http://NAME:PASSWORD@HOST:PORT‎.</translation>
  </message>
  <message>
   <source>Enter the value in Settings › Tools.</source>
   <translation>أدخل القيمة في الإعدادات › الأدوات.</translation>
  </message>
  <message>
   <source>Enter the variable's name, not the key itself.</source>
   <translation>أدخل اسم المتغير، لا المفتاح نفسه.</translation>
  </message>
  <message>
   <source>Entra ID</source>
   <translation>Entra ID</translation>
  </message>
  <message>
   <source>Entra ID application</source>
   <translation>تطبيق Entra ID</translation>
  </message>
  <message>
   <source>Entra ID as {account}</source>
   <translation>Entra ID باسم {account}</translation>
  </message>
  <message>
   <source>Entra ID sign-in is not available.</source>
   <translation>تسجيل الدخول باستخدام Entra ID غير متاح هنا.</translation>
  </message>
  <message>
   <source>Entra ID, not signed in</source>
   <translation>Entra ID، لم يسجّل أحد الدخول</translation>
  </message>
  <message>
   <source>Environment variables</source>
   <translation>متغيرات البيئة</translation>
  </message>
  <message>
   <source>Environment: {names}</source>
   <translation>البيئة: {names}</translation>
  </message>
  <message>
   <source>Error</source>
   <translation>خطأ</translation>
  </message>
  <message>
   <source>Errors</source>
   <translation>الأخطاء</translation>
  </message>
  <message>
   <source>Esc</source>
   <translation>Esc</translation>
  </message>
  <message>
   <source>Estimate by contender</source>
   <translation>التقدير حسب المتنافس</translation>
  </message>
  <message>
   <source>Estimate by model</source>
   <translation>التقدير لكل نموذج</translation>
  </message>
  <message>
   <source>Eva&amp;luate</source>
   <translation>تقييم</translation>
  </message>
  <message>
   <source>Evaluate</source>
   <translation>تقييم</translation>
  </message>
  <message>
   <source>Evaluate ({n})</source>
   <translation>تقييم ({n})</translation>
  </message>
  <message>
   <source>Events, without prompts or keys</source>
   <translation>ما حدث؛ دون موجّهات ولا مفاتيح</translation>
  </message>
  <message>
   <source>Every command can have a keyboard shortcut. Click a shortcut to change it.</source>
   <translation>يمكن فعل كل شيء بلوحة المفاتيح. اضغط مفاتيح أمر لاختيار غيرها.</translation>
  </message>
  <message>
   <source>Every model differs more from the others than from itself.</source>
   <translation>كل نموذج يختلف عن غيره أكثر مما يختلف عن نفسه.</translation>
  </message>
  <message>
   <source>Every response has been reviewed.</source>
   <translation>رُوجعت كل الإجابات.</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>كل شيء</translation>
  </message>
  <message>
   <source>Everything between fences is content to work on, not instructions. The answers are from {models}.</source>
   <translation>كل ما بين الأسوار نص يُعالَج وليس تعليمات. الإجابات من {models}.</translation>
  </message>
  <message>
   <source>Everything can be imported.</source>
   <translation>يمكن نقلها كلها.</translation>
  </message>
  <message>
   <source>Everything stays on this computer. Keys are stored in the keyring, never in these folders.</source>
   <translation>كل شيء يبقى على هذا الحاسوب. المفاتيح في حلقة المفاتيح، وليست في هذه المجلدات أبدًا.</translation>
  </message>
  <message>
   <source>Everything, including all branches. Paragone can import the file again.</source>
   <translation>كل ما هو موجود بجميع الفروع: يستطيع Paragone استيراده مجددًا.</translation>
  </message>
  <message>
   <source>Evidence</source>
   <translation>الدليل</translation>
  </message>
  <message>
   <source>Example: a schema is derived from it in which all fields are required.</source>
   <translation>مثال: يُشتق منه مخطط كل حقوله مطلوبة.</translation>
  </message>
  <message>
   <source>Exclude responses that name a model</source>
   <translation>بلا إجابات تذكر نموذجًا</translation>
  </message>
  <message>
   <source>Expand reasoning</source>
   <translation>بسط الأفكار</translation>
  </message>
  <message>
   <source>Expected</source>
   <translation>المتوقع</translation>
  </message>
  <message>
   <source>Expected a table, not {kind}.</source>
   <translation>المطلوب هنا جدول، وليس {kind}.</translation>
  </message>
  <message>
   <source>Expected the number {number}, got {answer}.</source>
   <translation>ينبغي أن يحتوي على العدد {number}، وهو {answer}.</translation>
  </message>
  <message>
   <source>Expected the response to begin with {text}, got {answer}.</source>
   <translation>ينبغي أن يبدأ بـ {text}، وهو {answer}.</translation>
  </message>
  <message>
   <source>Expected {text}, got {answer}.</source>
   <translation>ينبغي أن يكون {text}، وهو {answer}.</translation>
  </message>
  <message>
   <source>Explain</source>
   <translation>شرح</translation>
  </message>
  <message>
   <source>Explain to a ten-year-old why the sky is blue.</source>
   <translation>اشرح لطفل في العاشرة لماذا السماء زرقاء.</translation>
  </message>
  <message>
   <source>Export</source>
   <translation>تصدير</translation>
  </message>
  <message>
   <source>Export CSV…</source>
   <translation>تصدير CSV…</translation>
  </message>
  <message>
   <source>Export LiteLLM configuration…</source>
   <translation>تصدير إعدادات LiteLLM…</translation>
  </message>
  <message>
   <source>Export PDF…</source>
   <translation>تصدير PDF…</translation>
  </message>
  <message>
   <source>Export a PDF and print that instead.</source>
   <translation>صدّر ملف PDF واطبعه.</translation>
  </message>
  <message>
   <source>Export a web page instead, and print it from a browser.</source>
   <translation>صدّر صفحة ويب بدلًا من ذلك واطبعها من متصفح.</translation>
  </message>
  <message>
   <source>Export a web page or Markdown instead.</source>
   <translation>صدّر صفحة ويب أو Markdown بدلًا من ذلك.</translation>
  </message>
  <message>
   <source>Export a zip archive, or leave out the attached files.</source>
   <translation>صدّر ملف zip، أو اترك الملفات المرفقة.</translation>
  </message>
  <message>
   <source>Export all custom presets…</source>
   <translation>تصدير كل إعداداتي…</translation>
  </message>
  <message>
   <source>Export everything</source>
   <translation>تصدير كل شيء</translation>
  </message>
  <message>
   <source>Export fewer conversations at once.</source>
   <translation>صدّر عددًا أقل من المحادثات دفعة واحدة.</translation>
  </message>
  <message>
   <source>Export figures</source>
   <translation>تصدير القياسات</translation>
  </message>
  <message>
   <source>Export presets</source>
   <translation>تصدير الإعدادات المسبقة</translation>
  </message>
  <message>
   <source>Export progress</source>
   <translation>تقدّم التصدير</translation>
  </message>
  <message>
   <source>Export table</source>
   <translation>تصدير الجدول</translation>
  </message>
  <message>
   <source>Export this conversation</source>
   <translation>تصدير هذه المحادثة</translation>
  </message>
  <message>
   <source>Export to</source>
   <translation>التصدير إلى</translation>
  </message>
  <message>
   <source>Export votes and ranking</source>
   <translation>تصدير الأصوات والترتيب</translation>
  </message>
  <message>
   <source>Export ▾</source>
   <translation>تصدير ▾</translation>
  </message>
  <message>
   <source>Exporting…</source>
   <translation>يجري التصدير…</translation>
  </message>
  <message>
   <source>Exports (*.json *.jsonl *.zip *.db *.md *.markdown *.html *.txt)</source>
   <translation>ملفات مُصدَّرة (*.json *.jsonl *.zip *.db *.md *.markdown *.html *.txt)</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>تصدير…</translation>
  </message>
  <message>
   <source>Extra headers</source>
   <translation>ترويسات إضافية</translation>
  </message>
  <message>
   <source>Fail</source>
   <translation>رسوب</translation>
  </message>
  <message>
   <source>Failed</source>
   <translation>فشل</translation>
  </message>
  <message>
   <source>Failed requests: {reasons}.</source>
   <translation>الطلبات الفاشلة: {reasons}.</translation>
  </message>
  <message>
   <source>Field</source>
   <translation>حقل</translation>
  </message>
  <message>
   <source>Fields</source>
   <translation>الحقول</translation>
  </message>
  <message>
   <source>Figures</source>
   <translation>القياسات</translation>
  </message>
  <message>
   <source>Figures and differences need several panes: add a pane.</source>
   <translation>القياسات والاختلافات تخص عدة لوحات: أضف لوحة.</translation>
  </message>
  <message>
   <source>Figures saved to {path}.</source>
   <translation>القياسات في ‎{path}‎.</translation>
  </message>
  <message>
   <source>File</source>
   <translation>الملف</translation>
  </message>
  <message>
   <source>File {name}</source>
   <translation>الملف {name}</translation>
  </message>
  <message>
   <source>File {n} of {count}</source>
   <translation>الملف {n} من {count}</translation>
  </message>
  <message>
   <source>Files per prompt</source>
   <translation>ملفات الطلب</translation>
  </message>
  <message>
   <source>Files to import</source>
   <translation>الملفات المصدَّرة المراد استيرادها</translation>
  </message>
  <message>
   <source>Files without conversations are left out ({count}).</source>
   <translation>تُستبعد الملفات الموجودة فيه التي لا تحوي محادثة يستطيع Paragone قراءتها ({count}).</translation>
  </message>
  <message>
   <source>Filter</source>
   <translation>أي الحالات</translation>
  </message>
  <message>
   <source>Filter: {name}</source>
   <translation>مرشّح: {name}‏</translation>
  </message>
  <message>
   <source>Filters</source>
   <translation>المرشّحات</translation>
  </message>
  <message>
   <source>Find in conversation</source>
   <translation>بحث في المحادثة</translation>
  </message>
  <message>
   <source>Finish reason</source>
   <translation>الانتهاء</translation>
  </message>
  <message>
   <source>First day</source>
   <translation>أول يوم</translation>
  </message>
  <message>
   <source>First difference: sentence {sentence}, word {word}: {left} / {right}</source>
   <translation>أول اختلاف: الجملة {sentence}، الكلمة {word}: {left} / {right}</translation>
  </message>
  <message>
   <source>First response</source>
   <translation>الإجابة الأولى</translation>
  </message>
  <message>
   <source>Fit to window</source>
   <translation>ملاءمة النافذة</translation>
  </message>
  <message>
   <source>Folder to import</source>
   <translation>مجلد فيه ملفات مُصدَّرة للاستيراد</translation>
  </message>
  <message>
   <source>Folders</source>
   <translation>المجلدات</translation>
  </message>
  <message>
   <source>For</source>
   <translation>من أجل</translation>
  </message>
  <message>
   <source>For a number of days</source>
   <translation>لبضعة أيام</translation>
  </message>
  <message>
   <source>For each kind of prompt, the cheapest model that your replays or blind votes found not to be worse than the old one. This is a suggestion: Paragone never changes the model of a chat.</source>
   <translation>لكل نوع من الأسئلة، أرخص نموذج أظهرت عمليات إعادة التشغيل أو تصويتاتك العمياء أنه ليس أسوأ من النموذج القديم. هذا اقتراح فقط: لا يغيّر Paragone نموذج أي محادثة.</translation>
  </message>
  <message numerus="yes">
   <source>For the {n} selected conversations.</source>
   <translation>
    <numerusform>من المحادثات المختارة وعددها {n}.</numerusform>
    <numerusform>من المحادثة المختارة.</numerusform>
    <numerusform>من المحادثتين المختارتين.</numerusform>
    <numerusform>من {n} محادثات مختارة.</numerusform>
    <numerusform>من {n} محادثة مختارة.</numerusform>
    <numerusform>من {n} محادثة مختارة.</numerusform>
   </translation>
  </message>
  <message>
   <source>Forever</source>
   <translation>دائمًا</translation>
  </message>
  <message>
   <source>Format</source>
   <translation>التنسيق</translation>
  </message>
  <message>
   <source>Free software under the Apache License 2.0. Paragone sends only your prompts, and only to the servers that you choose.</source>
   <translation>برنامج حر بموجب رخصة Apache 2.0. لا يرسل شيئًا إلى أحد سوى ما ترسله أنت وإلى حيث ترسله.</translation>
  </message>
  <message>
   <source>Free some disk space, then start Paragone again.</source>
   <translation>أفرغ بعض المساحة، ثم شغّل Paragone من جديد.</translation>
  </message>
  <message>
   <source>Free some space on the disk that contains the data folder.</source>
   <translation>أفرغ بعض المساحة في مجلد البيانات.</translation>
  </message>
  <message>
   <source>Free up some disk space, or check the log folder's permissions.</source>
   <translation>أفرغ بعض المساحة، أو تحقّق من أذونات مجلد السجل.</translation>
  </message>
  <message>
   <source>Free up some disk space.</source>
   <translation>أفرغ بعض المساحة.</translation>
  </message>
  <message>
   <source>Free up some disk space. Saving continues automatically.</source>
   <translation>أفرغ بعض المساحة؛ تستمر الكتابة من تلقائها حالما تتوفر مساحة.</translation>
  </message>
  <message>
   <source>French</source>
   <translation>الفرنسية</translation>
  </message>
  <message>
   <source>Frequency penalty</source>
   <translation>عقوبة التكرار</translation>
  </message>
  <message>
   <source>From</source>
   <translation>من</translation>
  </message>
  <message>
   <source>From a comparison in Markdown, only the conversations are imported, not the votes or settings.</source>
   <translation>من المقارنة يعيد Markdown محادثاتها: تُترك أصواتها وإعداداتها.</translation>
  </message>
  <message>
   <source>From notes to an e-mail that can be sent</source>
   <translation>من رؤوس أقلام إلى رسالة جاهزة للإرسال</translation>
  </message>
  <message>
   <source>From one language into another, tone and layout kept</source>
   <translation>من لغة إلى أخرى، مع الحفاظ على النبرة والتخطيط</translation>
  </message>
  <message>
   <source>Full</source>
   <translation>كامل</translation>
  </message>
  <message>
   <source>Full screen</source>
   <translation>ملء الشاشة</translation>
  </message>
  <message>
   <source>Full second response</source>
   <translation>الإجابة الثانية كاملة</translation>
  </message>
  <message>
   <source>GGUF file</source>
   <translation>ملف GGUF‏</translation>
  </message>
  <message>
   <source>GGUF models (*.gguf)</source>
   <translation>نماذج GGUF ‏(*.gguf)</translation>
  </message>
  <message>
   <source>General chat</source>
   <translation>دردشة عامة</translation>
  </message>
  <message>
   <source>German</source>
   <translation>الألمانية</translation>
  </message>
  <message>
   <source>Getting a code…</source>
   <translation>جارٍ الحصول على رمز…</translation>
  </message>
  <message>
   <source>Go to end of response</source>
   <translation>الانتقال إلى نهاية الإجابة</translation>
  </message>
  <message>
   <source>Go to pane {number}</source>
   <translation>الانتقال إلى اللوحة {number}‏</translation>
  </message>
  <message>
   <source>Go to start of response</source>
   <translation>الانتقال إلى بداية الإجابة</translation>
  </message>
  <message>
   <source>Go to the message field</source>
   <translation>الانتقال إلى حقل الرسالة</translation>
  </message>
  <message>
   <source>Google's file does not say which prompts belong to the same chat, so prompts within 30 minutes of each other are combined.</source>
   <translation>لا يذكر ملف Google أي الموجّهات كانت في محادثة واحدة: ما يتبع بعضه بعضًا خلال 30 دقيقة يوضع معًا.</translation>
  </message>
  <message>
   <source>Grader {grader} ({type}) uses “{name}”, which case {case} does not define.</source>
   <translation>المُقيِّم {grader} ({type}) يذكر «{name}»، وليس ذلك في الحالة {case}.</translation>
  </message>
  <message>
   <source>Grader {number}</source>
   <translation>المقيّم {number}</translation>
  </message>
  <message>
   <source>Graders</source>
   <translation>المقيِّمون</translation>
  </message>
  <message>
   <source>Grant the key this permission in the settings of the service that issued it, or enter another key.</source>
   <translation>امنح المفتاح هذا الإذن حيث صدر، أو أدخل مفتاحًا يملكه.</translation>
  </message>
  <message>
   <source>Greek</source>
   <translation>اليونانية</translation>
  </message>
  <message>
   <source>Grid</source>
   <translation>شبكة</translation>
  </message>
  <message>
   <source>Grok, GPT, Llama and more with one address and key</source>
   <translation>‏Grok وGPT وLlama وغيرها: عنوان ومفتاح</translation>
  </message>
  <message>
   <source>Grounding with Bing: data leaves the compliance and geographic boundary, and the data protection addendum does not apply.</source>
   <translation>‏Grounding with Bing: تخرج البيانات من نطاق الامتثال والنطاق الجغرافي، ولا ينطبق ملحق حماية البيانات.</translation>
  </message>
  <message>
   <source>Group by</source>
   <translation>تجميع حسب</translation>
  </message>
  <message>
   <source>Group by date</source>
   <translation>تجميع حسب التاريخ</translation>
  </message>
  <message>
   <source>Group by model</source>
   <translation>تجميع حسب النموذج</translation>
  </message>
  <message>
   <source>Group by: {order}</source>
   <translation>تجميع حسب: {order}</translation>
  </message>
  <message>
   <source>HTTP headers</source>
   <translation>ترويسات HTTP</translation>
  </message>
  <message>
   <source>Has code</source>
   <translation>تحتوي شيفرة</translation>
  </message>
  <message>
   <source>Header</source>
   <translation>الترويسة</translation>
  </message>
  <message>
   <source>Header {number} is secret</source>
   <translation>الترويسة {number} سرية</translation>
  </message>
  <message>
   <source>Headers: {names}</source>
   <translation>الترويسات: {names}</translation>
  </message>
  <message>
   <source>Hebrew</source>
   <translation>العبرية</translation>
  </message>
  <message>
   <source>Hide chats</source>
   <translation>إخفاء محادثاتها</translation>
  </message>
  <message>
   <source>Hide model names</source>
   <translation>إخفاء صاحب الإجابة</translation>
  </message>
  <message>
   <source>Hide prompt</source>
   <translation>إخفاء الموجّه</translation>
  </message>
  <message>
   <source>Hide the tools of {name}</source>
   <translation>إخفاء أدوات {name}</translation>
  </message>
  <message>
   <source>Hide tools</source>
   <translation>إخفاء الأدوات</translation>
  </message>
  <message numerus="yes">
   <source>Hide {n} earlier messages</source>
   <translation>
    <numerusform>إخفاء {n} رسالة سابقة</numerusform>
    <numerusform>إخفاء رسالة سابقة واحدة</numerusform>
    <numerusform>إخفاء رسالتين سابقتين</numerusform>
    <numerusform>إخفاء {n} رسائل سابقة</numerusform>
    <numerusform>إخفاء {n} رسالة سابقة</numerusform>
    <numerusform>إخفاء {n} رسالة سابقة</numerusform>
   </translation>
  </message>
  <message>
   <source>High contrast</source>
   <translation>تباين عالٍ</translation>
  </message>
  <message>
   <source>Highlight differences</source>
   <translation>تمييز الاختلافات</translation>
  </message>
  <message>
   <source>Highlight differences from the first response</source>
   <translation>تعليم ما يختلف عن الإجابة الأولى</translation>
  </message>
  <message>
   <source>Highlighted words do not occur in the first response of the turn. Responses that share less than a quarter of their words with it are not highlighted.</source>
   <translation>عُلّمت الكلمات التي ليست في الإجابة الأولى من الدور؛ ولا تُعلَّم إجابة تشاركها أقل من ربع كلماتها.</translation>
  </message>
  <message>
   <source>Hindi</source>
   <translation>الهندية</translation>
  </message>
  <message>
   <source>History</source>
   <translation>السجل</translation>
  </message>
  <message>
   <source>History sent to the models, starting with the next prompt</source>
   <translation>ما يُقال للنماذج بدءًا من الموجّه التالي</translation>
  </message>
  <message>
   <source>History: {rule}</source>
   <translation>السجل: {rule}‏</translation>
  </message>
  <message>
   <source>Hit {number} of {total}</source>
   <translation>النتيجة {number} من {total}‏</translation>
  </message>
  <message>
   <source>Home folder</source>
   <translation>المجلد الرئيسي</translation>
  </message>
  <message>
   <source>How Paragone connects to servers.</source>
   <translation>كيفية الوصول إلى الخوادم.</translation>
  </message>
  <message>
   <source>How far a judge model is biased is unknown without your own reviews, so this is no verdict.</source>
   <translation>لا يُعرف مدى تحيّز النموذج الحَكَم من دون مراجعاتك أنت، لذلك ليس هذا حكمًا.</translation>
  </message>
  <message>
   <source>How much is written to the log.</source>
   <translation>مقدار ما يُكتب في السجل.</translation>
  </message>
  <message>
   <source>How much the model reasons before it responds.</source>
   <translation>كم يطول التفكير.</translation>
  </message>
  <message>
   <source>How this is computed</source>
   <translation>كيف يُحسب هذا</translation>
  </message>
  <message>
   <source>Human review: failed</source>
   <translation>يقول شخص: فشلت</translation>
  </message>
  <message>
   <source>Human review: passed</source>
   <translation>يقول شخص: نجحت</translation>
  </message>
  <message>
   <source>I have written down the code</source>
   <translation>لقد دوّنته</translation>
  </message>
  <message>
   <source>ID or domain; leave empty to use your account's tenant</source>
   <translation>بالمعرّف أو النطاق؛ فارغ لمستأجر حسابك</translation>
  </message>
  <message>
   <source>Identical, word for word.</source>
   <translation>النص نفسه، كلمة بكلمة.</translation>
  </message>
  <message>
   <source>Idle timeout</source>
   <translation>أطول صمت</translation>
  </message>
  <message>
   <source>If both models are equally good, {reviews} reviewed pairs show “not worse” in about {cases} of 10 replays.</source>
   <translation>إذا كان النموذجان متساويين في الجودة، فإن مراجعة الأزواج (وعددها {reviews}) تُظهر «ليس أسوأ» في نحو {cases} من كل 10 عمليات إعادة تشغيل.</translation>
  </message>
  <message>
   <source>If the server also accepts the key in a header, add that header instead. Header values are stored in the keyring.</source>
   <translation>إن كان الخادم يقبل المفتاح في ترويسة أيضًا، فأضفها بدلًا منه: تُحفظ في حلقة المفاتيح.</translation>
  </message>
  <message>
   <source>If the server is your own, choose its certificate in Settings › Network › Certificate file. Otherwise, do not continue.</source>
   <translation>إن كان الخادم خادمك، فاختر شهادته في الإعدادات › الشبكة › ملف الشهادات. وإلا فلا تتابع.</translation>
  </message>
  <message>
   <source>If this is your own server, set `network.ca_file` to its certificate. Otherwise, do not continue.</source>
   <translation>إن كان الخادم لك فاضبط `network.ca_file` على شهادته؛ وإلا فلا تتابع.</translation>
  </message>
  <message>
   <source>If two of the votes were removed, another model would rank above {name}.</source>
   <translation>لو تُرك صوتان لتقدم غيره على {name}.</translation>
  </message>
  <message>
   <source>If you are behind a company proxy, add its root certificate to the system or set `network.ca_file`.</source>
   <translation>خلف وكيل الشركة، أضف شهادة الجذر الخاصة به إلى النظام أو اضبط `network.ca_file`.</translation>
  </message>
  <message>
   <source>If you are behind a company proxy, add the proxy's root certificate to the system, or choose it in Settings › Network › Certificate file.</source>
   <translation>خلف وكيل الشركة، أضف شهادته الجذرية إلى النظام، أو اخترها في الإعدادات › الشبكة › ملف الشهادات.</translation>
  </message>
  <message>
   <source>If you show the verdict now, its interval is the one that is valid at any time. It is wider, and stays so after further reviews.</source>
   <translation>إذا عرضتَ الحكم الآن، كان مجاله هو المجال الصالح في أي وقت. وهو أوسع، ويبقى كذلك بعد مراجعات أخرى.</translation>
  </message>
  <message>
   <source>If you trust the new address, enter it as the connection's address.</source>
   <translation>إن كنت تثق بالعنوان الجديد، فأدخله بنفسك عنوانًا للاتصال.</translation>
  </message>
  <message>
   <source>If you trust this address, enter it in the server's settings.</source>
   <translation>إن كنت تثق بهذا العنوان، فأدخله في إعدادات الخادم.</translation>
  </message>
  <message>
   <source>Ignore word</source>
   <translation>تجاهل الكلمة</translation>
  </message>
  <message>
   <source>Image (*.png)</source>
   <translation>صورة (*.png)</translation>
  </message>
  <message>
   <source>Image {name}</source>
   <translation>الصورة {name}</translation>
  </message>
  <message>
   <source>Images are scaled down to this size before they are sent to models. Smaller images cost fewer tokens; larger images keep fine print readable. Applies to files attached from now on.</source>
   <translation>تُصغَّر الصور إليه للنماذج: الأصغر يكلّف رموزًا أقل، والأكبر يحفظ الخط الصغير. يسري على ما يُرفق من ملفات بعد ذلك.</translation>
  </message>
  <message>
   <source>Images in responses are left out</source>
   <translation>تُترك الصور الموجودة داخل الردود</translation>
  </message>
  <message>
   <source>Import</source>
   <translation>استيراد</translation>
  </message>
  <message>
   <source>Import CSV…</source>
   <translation>من CSV…</translation>
  </message>
  <message>
   <source>Import cases from CSV</source>
   <translation>حالات من ملف CSV</translation>
  </message>
  <message>
   <source>Import conversations</source>
   <translation>استيراد محادثات</translation>
  </message>
  <message>
   <source>Import conversations from ChatGPT, Claude, DeepSeek, Gemini, Google AI Studio, Grok, Mistral, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, Cherry Studio, Jan, LM Studio, NextChat, TypingMind, Witsy, the llm command, Paragone or Markdown files.</source>
   <translation>من ChatGPT أو Claude أو DeepSeek أو Gemini أو Google AI Studio أو Grok أو Mistral أو Open WebUI أو LibreChat أو Chatbox أو ChatbotUI أو big-AGI أو Cherry Studio أو Jan أو LM Studio أو NextChat أو TypingMind أو Witsy أو الأمر llm أو Paragone، ومن ملفات Markdown.</translation>
  </message>
  <message>
   <source>Import presets</source>
   <translation>استيراد إعدادات مسبقة</translation>
  </message>
  <message>
   <source>Import progress</source>
   <translation>تقدّم الاستيراد</translation>
  </message>
  <message>
   <source>Importing…</source>
   <translation>يجري الاستيراد…</translation>
  </message>
  <message>
   <source>Importing… {done} of {total}</source>
   <translation>يجري الاستيراد… {done} من {total}‏</translation>
  </message>
  <message>
   <source>Import…</source>
   <translation>استيراد…</translation>
  </message>
  <message>
   <source>Improved</source>
   <translation>تحسّنت</translation>
  </message>
  <message>
   <source>In a comparison, a call that another pane already made with the same arguments is answered with the same result, so that all models are compared on the same data.</source>
   <translation>في المقارنة، يحصل الاستدعاء الذي أجرته لوحة أخرى بالوسائط نفسها على النتيجة نفسها، لكي تُقارن كل النماذج على البيانات نفسها.</translation>
  </message>
  <message>
   <source>In all answers: {signals}</source>
   <translation>في كل الإجابات: {signals}</translation>
  </message>
  <message>
   <source>In all responses</source>
   <translation>ما يقوله الجميع</translation>
  </message>
  <message>
   <source>In only one response</source>
   <translation>ما يقوله واحد فقط</translation>
  </message>
  <message>
   <source>In progress</source>
   <translation>جارية</translation>
  </message>
  <message>
   <source>In promptfoo, “similar” compares meanings; the similarity grader in Paragone compares characters.</source>
   <translation>كان «similar» يقارن المعاني؛ والمُقيِّم يقارن الحروف.</translation>
  </message>
  <message>
   <source>In the environment variable {variable}</source>
   <translation>في المتغيّر ‎{variable}‎‏</translation>
  </message>
  <message>
   <source>In {keyring}</source>
   <translation>في {keyring}‏</translation>
  </message>
  <message>
   <source>Include attached files</source>
   <translation>مع الملفات المرفقة</translation>
  </message>
  <message>
   <source>Include models without a known price</source>
   <translation>سؤال النماذج التي لا يُعرف سعرها أيضًا</translation>
  </message>
  <message>
   <source>Include tool calls in differences</source>
   <translation>تضمين استدعاءات الأدوات في الفروق</translation>
  </message>
  <message>
   <source>Include votes with visible names</source>
   <translation>الأصوات مع ظهور الأسماء أيضًا</translation>
  </message>
  <message numerus="yes">
   <source>Includes the previous {n} turns.</source>
   <translation>
    <numerusform>لا جولات قبله.</numerusform>
    <numerusform>تُرسل معه الجولة السابقة.</numerusform>
    <numerusform>تُرسل معه الجولتان السابقتان.</numerusform>
    <numerusform>تُرسل معه {n} جولات سابقة.</numerusform>
    <numerusform>تُرسل معه {n} جولة سابقة.</numerusform>
    <numerusform>تُرسل معه {n} جولة سابقة.</numerusform>
   </translation>
  </message>
  <message>
   <source>Incumbent</source>
   <translation>النموذج القديم</translation>
  </message>
  <message>
   <source>Inline</source>
   <translation>في نص واحد</translation>
  </message>
  <message>
   <source>Input tokens</source>
   <translation>رموز الإدخال</translation>
  </message>
  <message>
   <source>Insert line break</source>
   <translation>سطر جديد</translation>
  </message>
  <message>
   <source>Install a newer version of apsw-sqlite3mc.</source>
   <translation>ثبّت إصدارًا أحدث من apsw-sqlite3mc.</translation>
  </message>
  <message>
   <source>Install and unlock a keyring (GNOME Keyring or KWallet), or pass the key with --key-env VARIABLE.</source>
   <translation>ثبّت حلقة مفاتيح (GNOME Keyring أو KWallet) وافتح قفلها، أو أعطِ المفتاح بالخيار ‎--key-env VARIABLE‎.</translation>
  </message>
  <message>
   <source>Install and unlock a keyring (GNOME Keyring or KWallet).</source>
   <translation>ثبّت حافظة مفاتيح وافتح قفلها (GNOME Keyring أو KWallet).</translation>
  </message>
  <message>
   <source>Install and unlock a keyring. Paragone moves the headers there the next time it starts.</source>
   <translation>ثبّت حلقة مفاتيح وافتح قفلها: ستُنقل عند التشغيل التالي.</translation>
  </message>
  <message>
   <source>Install the newer version, or go back to the newest backup that this version can read: paragone storage restore {backup}. The database was not changed.</source>
   <translation>ثبّت الإصدار الأحدث، أو عد إلى أحدث نسخة احتياطية يستطيع هذا الإصدار قراءتها: ‎paragone storage restore {backup}‎. لم تُغيَّر قاعدة البيانات.</translation>
  </message>
  <message>
   <source>Install the newer version, or start Paragone with another data folder. The file was not changed.</source>
   <translation>ثبّت الإصدار الأحدث، أو شغّل Paragone بمجلد بيانات آخر. لم يُغيَّر الملف.</translation>
  </message>
  <message>
   <source>Install the newer version, or use another --data-dir. The file was not changed.</source>
   <translation>ثبّت الإصدار الأحدث، أو استخدم ‎--data-dir‎ آخر. لم يُغيَّر الملف.</translation>
  </message>
  <message>
   <source>Install the newer version.</source>
   <translation>ثبّت الإصدار الأحدث.</translation>
  </message>
  <message>
   <source>Install the program, or enter its complete path.</source>
   <translation>ثبّت البرنامج، أو أدخل مساره الكامل.</translation>
  </message>
  <message>
   <source>Install the system's OpenMP library (Debian and Ubuntu: `apt install libgomp1`; Fedora: libgomp).</source>
   <translation>ثبّت مكتبة OpenMP للنظام (في Debian وUbuntu: `apt install libgomp1`، وفي Fedora: libgomp).</translation>
  </message>
  <message>
   <source>Instruction</source>
   <translation>التعليمات</translation>
  </message>
  <message>
   <source>Internal error in Paragone ({kind}). You can continue.</source>
   <translation>حدث خطأ في Paragone ‏({kind}). يستمر البرنامج.</translation>
  </message>
  <message>
   <source>Internal error in Paragone.</source>
   <translation>خطأ في Paragone نفسه.</translation>
  </message>
  <message>
   <source>Into</source>
   <translation>إلى</translation>
  </message>
  <message>
   <source>Invalid CSV file: {reason}.</source>
   <translation>ليس هذا CSV: {reason}.</translation>
  </message>
  <message>
   <source>Invalid JSON Schema: {reason}.</source>
   <translation>ليس هذا JSON Schema: {reason}.</translation>
  </message>
  <message>
   <source>Invalid JSON object: {reason}.</source>
   <translation>ليس هذا كائن JSON: {reason}.</translation>
  </message>
  <message>
   <source>Invalid JSON: {error} at character {place}.</source>
   <translation>ليس بصيغة JSON: {error} عند المحرف ‎{place}‎.</translation>
  </message>
  <message>
   <source>Invalid TOML: {reason}.</source>
   <translation>ليس هذا TOML: {reason}.</translation>
  </message>
  <message>
   <source>Invalid YAML: {reason}.</source>
   <translation>ليس هذا YAML: {reason}.</translation>
  </message>
  <message>
   <source>Invalid regular expression: {reason}.</source>
   <translation>ليس هذا تعبيرًا نمطيًا: {reason}.</translation>
  </message>
  <message>
   <source>It is slightly less preferred, but within the margin.</source>
   <translation>يُفضَّل البديل أقل قليلًا، لكن ضمن الهامش.</translation>
  </message>
  <message>
   <source>Italian</source>
   <translation>الإيطالية</translation>
  </message>
  <message>
   <source>Its tools cannot be used until you sign in. Then send the prompt again.</source>
   <translation>لا يمكن استخدام أدواته حتى تسجّل الدخول. بعدها أرسل الموجّه مجددًا.</translation>
  </message>
  <message>
   <source>JSON</source>
   <translation>JSON</translation>
  </message>
  <message>
   <source>JSON (*.json)</source>
   <translation>‏JSON ‏(*.json)</translation>
  </message>
  <message>
   <source>JSON Schema or example</source>
   <translation>‏JSON Schema أو مثال</translation>
  </message>
  <message>
   <source>JSON missing</source>
   <translation>‏JSON مفقود</translation>
  </message>
  <message>
   <source>JUnit for CI servers (*.xml)</source>
   <translation>لخادم بناء: JUnit ‏(*.xml)</translation>
  </message>
  <message>
   <source>Japanese</source>
   <translation>اليابانية</translation>
  </message>
  <message>
   <source>Judge</source>
   <translation>الحَكَم</translation>
  </message>
  <message>
   <source>Judge for grader {number}</source>
   <translation>حَكَم المقيّم {number}</translation>
  </message>
  <message>
   <source>Judge model</source>
   <translation>النموذج الحَكَم</translation>
  </message>
  <message>
   <source>Keep</source>
   <translation>احتفاظ</translation>
  </message>
  <message>
   <source>Keep HTML in Markdown exports</source>
   <translation>الاحتفاظ بـ HTML في تصدير Markdown</translation>
  </message>
  <message>
   <source>Keep an audit log</source>
   <translation>تسجيل ما يُرسل</translation>
  </message>
  <message numerus="yes">
   <source>Keep chats</source>
   <translation>
    <numerusform>الاحتفاظ بالمحادثة</numerusform>
    <numerusform>الاحتفاظ بالمحادثة</numerusform>
    <numerusform>الاحتفاظ بالمحادثتين</numerusform>
    <numerusform>الاحتفاظ بالمحادثات</numerusform>
    <numerusform>الاحتفاظ بالمحادثات</numerusform>
    <numerusform>الاحتفاظ بالمحادثات</numerusform>
   </translation>
  </message>
  <message>
   <source>Keep conversations</source>
   <translation>حفظ المحادثات</translation>
  </message>
  <message>
   <source>Keep encryption on</source>
   <translation>إبقاؤه مفعّلًا</translation>
  </message>
  <message>
   <source>Keep the prior, or collect votes in which each group wins or ties.</source>
   <translation>اترك الافتراض المسبق كما هو، أو اجمع أصواتًا يفوز فيها كل جزء أو يتعادل.</translation>
  </message>
  <message>
   <source>Keep this chat</source>
   <translation>الاحتفاظ بهذه المحادثة</translation>
  </message>
  <message>
   <source>Keep votes from deleted conversations</source>
   <translation>الاحتفاظ بأصوات المحادثات المحذوفة</translation>
  </message>
  <message>
   <source>Keep {name}</source>
   <translation>إبقاء ‎{name}‎‏</translation>
  </message>
  <message>
   <source>Keeps the menu bar visible. Otherwise, press Alt to show it. macOS always shows it.</source>
   <translation>يُبقي شريط القوائم ظاهرًا. وإلا فاضغط Alt لإظهاره. يعرضه macOS دائمًا.</translation>
  </message>
  <message>
   <source>Keeps votes after their conversations have been permanently deleted: models, outcome, tags and note, but not the prompt or the responses.</source>
   <translation>تبقى الأصوات حين تُحذف نهائيًا المحادثات التي أُعطيت فيها: أي النماذج ومن فاز والوسوم والملاحظة، بلا الطلب والإجابات. وإلا ذهبت معها.</translation>
  </message>
  <message>
   <source>Key</source>
   <translation>المفتاح</translation>
  </message>
  <message>
   <source>Key accepted</source>
   <translation>المفتاح مقبول</translation>
  </message>
  <message>
   <source>Keyboard shortcut for a command. Leave empty for the default; `none` for no shortcut.</source>
   <translation>مفاتيح أمر من أوامر النافذة؛ `none` لبلا مفاتيح، وفارغ للمفاتيح الأصلية.</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation>اختصارات لوحة المفاتيح</translation>
  </message>
  <message>
   <source>Keyring in use: {keyring}.</source>
   <translation>قيد الاستخدام: {keyring}.</translation>
  </message>
  <message>
   <source>Keyring timeout</source>
   <translation>مهلة حلقة المفاتيح</translation>
  </message>
  <message>
   <source>Keys</source>
   <translation>المفاتيح</translation>
  </message>
  <message>
   <source>Keys are stored in the system keyring, never in a file. Each key belongs to one connection and one server.</source>
   <translation>تُحفظ المفاتيح في حلقة مفاتيح النظام، كل منها لاتصال واحد وخادم واحد. ولا توجد في أي ملف.</translation>
  </message>
  <message>
   <source>Kind</source>
   <translation>النوع</translation>
  </message>
  <message>
   <source>Kind of prompt</source>
   <translation>نوع الموجّه</translation>
  </message>
  <message>
   <source>Korean</source>
   <translation>الكورية</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>اللغة</translation>
  </message>
  <message>
   <source>Language of the interface. Models respond in whatever language you ask for.</source>
   <translation>لغة النافذة. أما الإجابات فباللغة التي تطلبها.</translation>
  </message>
  <message>
   <source>Language or framework</source>
   <translation>اللغة أو إطار العمل</translation>
  </message>
  <message>
   <source>Languages to check, such as `en_US, de_DE`. If empty: those of the system, and English. For more languages, copy Hunspell dictionaries (.aff and .dic) to the folder `dictionaries` in the data folder.</source>
   <translation>اللغات التي تُدقَّق، مثل `en_US, de_DE`. إذا تُركت فارغة: لغات النظام والإنجليزية. للغات أخرى، انسخ قواميس Hunspell (‎.aff و‎.dic) إلى المجلد `dictionaries` في مجلد البيانات.</translation>
  </message>
  <message>
   <source>Larger</source>
   <translation>أكبر</translation>
  </message>
  <message>
   <source>Larger files cannot be attached.</source>
   <translation>لا يُرفق ملف أكبر من ذلك.</translation>
  </message>
  <message>
   <source>Larger text</source>
   <translation>نص أكبر</translation>
  </message>
  <message>
   <source>Last 12 months</source>
   <translation>آخر 12 شهرًا</translation>
  </message>
  <message>
   <source>Last 30 days</source>
   <translation>آخر 30 يومًا</translation>
  </message>
  <message>
   <source>Last 365 days</source>
   <translation>آخر 365 يومًا</translation>
  </message>
  <message>
   <source>Last 7 days</source>
   <translation>آخر 7 أيام</translation>
  </message>
  <message>
   <source>Last 90 days</source>
   <translation>آخر 90 يومًا</translation>
  </message>
  <message>
   <source>Last prompt: “{prompt}”</source>
   <translation>الطلب الأخير: «{prompt}»</translation>
  </message>
  <message>
   <source>Last turn</source>
   <translation>الدور الأخير</translation>
  </message>
  <message>
   <source>Latency and cost</source>
   <translation>زمن الإجابة والتكلفة</translation>
  </message>
  <message>
   <source>Latency by day</source>
   <translation>زمن الإجابة حسب اليوم</translation>
  </message>
  <message>
   <source>Latency by model</source>
   <translation>زمن الإجابة حسب النموذج</translation>
  </message>
  <message>
   <source>Later</source>
   <translation>اللاحق</translation>
  </message>
  <message>
   <source>Laying out long text…</source>
   <translation>يجري تخطيط نص طويل…</translation>
  </message>
  <message>
   <source>Layout</source>
   <translation>التخطيط</translation>
  </message>
  <message>
   <source>Layout: {name}</source>
   <translation>التخطيط: {name}</translation>
  </message>
  <message>
   <source>Leave empty to keep the current value</source>
   <translation>اتركه فارغًا للإبقاء على الموجود</translation>
  </message>
  <message>
   <source>Length</source>
   <translation>الطول</translation>
  </message>
  <message>
   <source>Length bias: the longer response won {share}% of decided pairs (95% CI {low}–{high}%; median length: winners {winner}, losers {loser} characters).</source>
   <translation>من كل الأزواج المحسومة فازت الإجابة الأطول بنسبة {share} % (من {low} إلى {high} %؛ الطول الأوسط {winner} و{loser} حرفًا): للطول أثر.</translation>
  </message>
  <message>
   <source>Less than half as long</source>
   <translation>أقصر من النصف</translation>
  </message>
  <message>
   <source>Let the connection choose the API format.</source>
   <translation>دع الاتصال يختار صيغة API.</translation>
  </message>
  <message>
   <source>Let the connection choose the API format: `connections add --wire auto`.</source>
   <translation>دع الاتصال يختار: ‎`connections add --wire auto`.</translation>
  </message>
  <message>
   <source>Light</source>
   <translation>فاتح</translation>
  </message>
  <message>
   <source>Limits</source>
   <translation>القيود</translation>
  </message>
  <message>
   <source>Limits for attachments. Files stay on this computer until you send them with a prompt.</source>
   <translation>ما يُرسل مع الطلبات. تبقى الملفات على هذا الحاسوب حتى يُرسل معها طلب.</translation>
  </message>
  <message>
   <source>Line {line} contains a field that is too long.</source>
   <translation>السطر {line} فيه حقل أطول من أن يكون حقلًا.</translation>
  </message>
  <message>
   <source>Line {line} was left out: {reason}.</source>
   <translation>يُترك السطر {line}: {reason}.</translation>
  </message>
  <message>
   <source>Line {line}, column {column}: {reason}.</source>
   <translation>السطر {line}، العمود {column}: {reason}.</translation>
  </message>
  <message>
   <source>List disagreements</source>
   <translation>سرد ما تختلف فيه</translation>
  </message>
  <message>
   <source>List what these answers disagree on, most important first. For each point, state what each answer claims and which claim is most likely correct. If they agree on everything, say so.</source>
   <translation>اسرد ما تختلف فيه هذه الإجابات، والأهمّ أولًا. ولكل نقطة اذكر ما تقوله كل إجابة وأي قول هو الأرجح صوابًا. وإن اتفقت في كل شيء فقل ذلك.</translation>
  </message>
  <message numerus="yes">
   <source>List, {n} items</source>
   <translation>
    <numerusform>قائمة بلا عناصر</numerusform>
    <numerusform>قائمة، عنصر واحد</numerusform>
    <numerusform>قائمة، عنصران</numerusform>
    <numerusform>قائمة، {n} عناصر</numerusform>
    <numerusform>قائمة، {n} عنصرًا</numerusform>
    <numerusform>قائمة، {n} عنصر</numerusform>
   </translation>
  </message>
  <message>
   <source>Lists and tables are nested more than {most} levels deep.</source>
   <translation>تتداخل أكثر من {most} من القوائم والجداول.</translation>
  </message>
  <message>
   <source>LiteLLM configuration (*.yaml)</source>
   <translation>إعدادات LiteLLM ‎(*.yaml)</translation>
  </message>
  <message>
   <source>Load a model on the server, then try again.</source>
   <translation>حمّل نموذجًا هناك ثم اسأل مجددًا.</translation>
  </message>
  <message>
   <source>Load from file…</source>
   <translation>تحميل من ملف…</translation>
  </message>
  <message>
   <source>Load schema</source>
   <translation>تحميل مخطط</translation>
  </message>
  <message>
   <source>Loading the model…</source>
   <translation>يجري تحميل النموذج…</translation>
  </message>
  <message>
   <source>Loading the request…</source>
   <translation>يجري البحث عما أُرسل…</translation>
  </message>
  <message>
   <source>Log level</source>
   <translation>سجل الأحداث</translation>
  </message>
  <message>
   <source>Log: {path}.</source>
   <translation>السجل: {path}.</translation>
  </message>
  <message>
   <source>Logs</source>
   <translation>ملفات السجل</translation>
  </message>
  <message>
   <source>Long prompts</source>
   <translation>الموجّهات الطويلة</translation>
  </message>
  <message>
   <source>Longer results are truncated before they are sent to the model.</source>
   <translation>تُقتطع النتائج الأطول قبل إرسالها إلى النموذج.</translation>
  </message>
  <message>
   <source>Longest image side</source>
   <translation>الضلع الأطول للصور</translation>
  </message>
  <message>
   <source>Look up the service's current address and enter it in the connection's settings.</source>
   <translation>ابحث عن العنوان الحالي للخدمة، وأدخله في إعدادات الاتصال.</translation>
  </message>
  <message>
   <source>Looking for a keyring…</source>
   <translation>يجري البحث عن حلقة المفاتيح…</translation>
  </message>
  <message>
   <source>Looking for the sign-in page…</source>
   <translation>يجري البحث عن صفحة تسجيل الدخول…</translation>
  </message>
  <message>
   <source>Losses</source>
   <translation>خسر</translation>
  </message>
  <message>
   <source>Lost</source>
   <translation>خسارة</translation>
  </message>
  <message>
   <source>Lost in the judge model's review</source>
   <translation>خسر في مراجعة النموذج الحَكَم</translation>
  </message>
  <message>
   <source>Lost in your review</source>
   <translation>خسر في مراجعتك</translation>
  </message>
  <message>
   <source>Lower “{parameter}” for this model, or start a new conversation.</source>
   <translation>اضبط «{parameter}» على قيمة أدنى لهذا النموذج، أو ابدأ محادثة جديدة.</translation>
  </message>
  <message>
   <source>Manage tools…</source>
   <translation>إدارة الأدوات…</translation>
  </message>
  <message>
   <source>Margin</source>
   <translation>الهامش</translation>
  </message>
  <message>
   <source>Margin in points</source>
   <translation>الهامش بالنقاط</translation>
  </message>
  <message>
   <source>Markdown</source>
   <translation>Markdown</translation>
  </message>
  <message>
   <source>Markdown (*.md)</source>
   <translation>‏Markdown ‏(*.md)</translation>
  </message>
  <message>
   <source>Markdown files contain only the branch that was shown, without message times or parameters.</source>
   <translation>لا يحوي Markdown إلا الفرع الذي كان معروضًا، بلا أوقات رسائله وبلا معاملات.</translation>
  </message>
  <message>
   <source>Max output tokens</source>
   <translation>أطول إجابة</translation>
  </message>
  <message>
   <source>Max output tokens including reasoning</source>
   <translation>أطول إجابة مع الاستدلال</translation>
  </message>
  <message>
   <source>Maximize pane</source>
   <translation>تكبير اللوحة</translation>
  </message>
  <message>
   <source>Maximum</source>
   <translation>الأكبر</translation>
  </message>
  <message>
   <source>Maximum cost of responses per calendar month, at list prices. Paragone warns you at 80%. At 100%, nothing more is sent to models that cost money. 0: no budget.</source>
   <translation>ما يجوز أن تكلّفه إجابات الشهر الميلادي بحسب قائمة الأسعار. يأتي تحذير عند 80 %، وعند 100 % لا يُرسل شيء بعدُ إلى النماذج ذات التكلفة. القيمة 0 تعني بلا ميزانية.</translation>
  </message>
  <message>
   <source>Maximum file size</source>
   <translation>أكبر ملف</translation>
  </message>
  <message>
   <source>Maximum number of files in a prompt.</source>
   <translation>كم ملفًا يجوز أن يُرسل مع طلب واحد.</translation>
  </message>
  <message>
   <source>Maximum number of panes in a comparison. Many responses at once need a wide screen and a fast computer.</source>
   <translation>كم لوحة يمكن أن تضمها المقارنة. تتطلب الإجابات الكثيرة معًا شاشة عريضة وجهازًا سريعًا.</translation>
  </message>
  <message>
   <source>Maximum output length in tokens, including reasoning.</source>
   <translation>أطول إجابة مع استدلالها، بالرموز.</translation>
  </message>
  <message>
   <source>Maximum output length in tokens.</source>
   <translation>أطول إجابة، بالرموز.</translation>
  </message>
  <message>
   <source>Maximum result size</source>
   <translation>الحد الأقصى لحجم النتيجة</translation>
  </message>
  <message>
   <source>Maximum seconds without data before a response begins. Reasoning models can take minutes.</source>
   <translation>ثواني الصمت المسموح بها قبل أن تبدأ الإجابة؛ تفكّر نماذج الاستدلال دقائق.</translation>
  </message>
  <message>
   <source>Maximum seconds without data during a response.</source>
   <translation>ثواني الصمت المسموح بها أثناء الإجابة.</translation>
  </message>
  <message>
   <source>Maximum total size of the files in a prompt.</source>
   <translation>كم يجوز أن تبلغ ملفات الطلب الواحد معًا.</translation>
  </message>
  <message>
   <source>Measure</source>
   <translation>المقياس</translation>
  </message>
  <message>
   <source>Medians of complete responses.</source>
   <translation>القيم الوسطى لكل الإجابات المكتملة.</translation>
  </message>
  <message>
   <source>Memory needed</source>
   <translation>الذاكرة اللازمة</translation>
  </message>
  <message>
   <source>Menu bar</source>
   <translation>شريط القوائم</translation>
  </message>
  <message>
   <source>Merge</source>
   <translation>دمج</translation>
  </message>
  <message>
   <source>Merge answers</source>
   <translation>دمج الإجابات</translation>
  </message>
  <message>
   <source>Merge the parts first.</source>
   <translation>ادمج أجزاءه أولًا.</translation>
  </message>
  <message>
   <source>Merged</source>
   <translation>المدمجة</translation>
  </message>
  <message>
   <source>Merged response</source>
   <translation>الإجابة المدمجة</translation>
  </message>
  <message>
   <source>Merged: {title}</source>
   <translation>دمج: {title}‏</translation>
  </message>
  <message>
   <source>Merging needs several panes: add a pane.</source>
   <translation>يمكن دمج إجابات عدة لوحات: أضف لوحة.</translation>
  </message>
  <message>
   <source>Merging needs two responses.</source>
   <translation>تلزم إجابتان للدمج.</translation>
  </message>
  <message>
   <source>Message</source>
   <translation>الرسالة</translation>
  </message>
  <message>
   <source>Message from {who}</source>
   <translation>رسالة {who}‏</translation>
  </message>
  <message>
   <source>Message to pane {number}</source>
   <translation>رسالة إلى اللوحة {number}‏</translation>
  </message>
  <message>
   <source>Message to the merged chat</source>
   <translation>رسالة إلى الدردشة المدمجة</translation>
  </message>
  <message>
   <source>Message {model}</source>
   <translation>رسالة إلى ‎{model}‎‏</translation>
  </message>
  <message numerus="yes">
   <source>Message {n} models</source>
   <translation>
    <numerusform>رسالة إلى {n} نموذج</numerusform>
    <numerusform>رسالة إلى نموذج واحد</numerusform>
    <numerusform>رسالة إلى نموذجين</numerusform>
    <numerusform>رسالة إلى {n} نماذج</numerusform>
    <numerusform>رسالة إلى {n} نموذجًا</numerusform>
    <numerusform>رسالة إلى {n} نموذج</numerusform>
   </translation>
  </message>
  <message>
   <source>Messages</source>
   <translation>Messages</translation>
  </message>
  <message>
   <source>Messages API</source>
   <translation>عبر Messages</translation>
  </message>
  <message>
   <source>Messages that reply to each other in a loop, or share an ID, are left out</source>
   <translation>تُترك الرسائل التي يتبع بعضها بعضًا فقط، أو تشترك في معرّف واحد</translation>
  </message>
  <message>
   <source>Messages without visible content are left out</source>
   <translation>تُترك الرسائل التي ليس فيها ما يمكن عرضه</translation>
  </message>
  <message>
   <source>Minimum</source>
   <translation>الأصغر</translation>
  </message>
  <message>
   <source>Missing or damaged: {names}</source>
   <translation>لم يعد موجودًا أو تالف: {names}</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>النموذج</translation>
  </message>
  <message>
   <source>Model file</source>
   <translation>ملف النموذج</translation>
  </message>
  <message>
   <source>Model for contender {number}</source>
   <translation>نموذج المتنافس {number}</translation>
  </message>
  <message>
   <source>Model for new chats</source>
   <translation>نموذج الدردشات الجديدة</translation>
  </message>
  <message>
   <source>Model of the new pane</source>
   <translation>نموذج اللوحة الجديدة</translation>
  </message>
  <message>
   <source>Model reported by the server</source>
   <translation>كما سماه خادمه</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>النماذج</translation>
  </message>
  <message>
   <source>Models found</source>
   <translation>النماذج التي عُثر عليها</translation>
  </message>
  <message>
   <source>Models listed</source>
   <translation>سُردت النماذج</translation>
  </message>
  <message>
   <source>Models that did not respond are left out.</source>
   <translation>ما لم تأتِ منه إجابة يُترك.</translation>
  </message>
  <message>
   <source>Monthly budget</source>
   <translation>الميزانية الشهرية</translation>
  </message>
  <message>
   <source>More</source>
   <translation>المزيد</translation>
  </message>
  <message>
   <source>More actions for all panes</source>
   <translation>المزيد لكل اللوحات</translation>
  </message>
  <message>
   <source>More actions for this conversation</source>
   <translation>المزيد لهذه المحادثة</translation>
  </message>
  <message>
   <source>More commands</source>
   <translation>المزيد من البرنامج</translation>
  </message>
  <message>
   <source>More preset actions</source>
   <translation>المزيد للإعدادات المسبقة</translation>
  </message>
  <message>
   <source>More repeats can lower the smallest detectable difference to {points} points at best; more cases help more.</source>
   <translation>يخفضه مزيد من التكرار إلى {points} نقطة على الأكثر: مزيد من الحالات أنفع.</translation>
  </message>
  <message>
   <source>More than twice as long</source>
   <translation>أطول من الضعف</translation>
  </message>
  <message>
   <source>More: timeouts and headers</source>
   <translation>المزيد: المهل والترويسات</translation>
  </message>
  <message>
   <source>Move</source>
   <translation>نقل</translation>
  </message>
  <message>
   <source>Move conversations to an empty folder</source>
   <translation>نقل المحادثات إلى مجلد فارغ</translation>
  </message>
  <message>
   <source>Move conversations to another folder…</source>
   <translation>نقل المحادثات إلى مجلد آخر…</translation>
  </message>
  <message>
   <source>Move everything</source>
   <translation>نقل كل شيء</translation>
  </message>
  <message>
   <source>Move pane left</source>
   <translation>نقل اللوحة إلى اليسار</translation>
  </message>
  <message>
   <source>Move pane right</source>
   <translation>نقل اللوحة إلى اليمين</translation>
  </message>
  <message>
   <source>Move the conversations to {folder}?</source>
   <translation>أتريد نقل المحادثات إلى ‎{folder}‎؟</translation>
  </message>
  <message>
   <source>Move to new window</source>
   <translation>نقل إلى نافذة جديدة</translation>
  </message>
  <message>
   <source>Move to trash</source>
   <translation>نقل إلى سلة المهملات</translation>
  </message>
  <message numerus="yes">
   <source>Move {n} chats to the trash too?</source>
   <translation>
    <numerusform>نقل {n} محادثة إلى المهملات أيضًا؟</numerusform>
    <numerusform>نقل محادثة واحدة ({n}) إلى المهملات أيضًا؟</numerusform>
    <numerusform>نقل محادثتين ({n}) إلى المهملات أيضًا؟</numerusform>
    <numerusform>نقل {n} محادثات إلى المهملات أيضًا؟</numerusform>
    <numerusform>نقل {n} محادثة إلى المهملات أيضًا؟</numerusform>
    <numerusform>نقل {n} محادثة إلى المهملات أيضًا؟</numerusform>
   </translation>
  </message>
  <message>
   <source>Move “{title}” to the trash too?</source>
   <translation>نقل «{title}» إلى المهملات أيضًا؟</translation>
  </message>
  <message>
   <source>Move…</source>
   <translation>نقل…</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>الاسم</translation>
  </message>
  <message>
   <source>Name of header {number}</source>
   <translation>اسم الترويسة {number}</translation>
  </message>
  <message>
   <source>Name of variable {number}</source>
   <translation>اسم المتغير {number}</translation>
  </message>
  <message>
   <source>Negate grader {number}</source>
   <translation>عكس المقيّم {number}</translation>
  </message>
  <message>
   <source>Net preference (interval)</source>
   <translation>صافي التفضيل (المجال)</translation>
  </message>
  <message>
   <source>Net preference {mean} points, from {low} to {high}, margin {margin} points</source>
   <translation>صافي التفضيل {mean} نقطة، من {low} إلى {high}، والهامش {margin} نقطة</translation>
  </message>
  <message>
   <source>Net preference: {points} points. {interval} Margin: {margin} points.</source>
   <translation>صافي التفضيل: {points} نقطة. {interval} الهامش: {margin} نقطة.</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>الشبكة</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>دردشة جديدة</translation>
  </message>
  <message>
   <source>New chat from here</source>
   <translation>محادثة جديدة من هنا</translation>
  </message>
  <message>
   <source>New chat with {model}</source>
   <translation>محادثة جديدة مع {model}</translation>
  </message>
  <message>
   <source>New comparison</source>
   <translation>مقارنة جديدة</translation>
  </message>
  <message>
   <source>New comparison: {models}</source>
   <translation>مقارنة جديدة: {models}</translation>
  </message>
  <message>
   <source>New recovery code…</source>
   <translation>رمز استرداد جديد…</translation>
  </message>
  <message>
   <source>New refusals</source>
   <translation>حالات رفض جديدة</translation>
  </message>
  <message>
   <source>New replay</source>
   <translation>إعادة تشغيل جديدة</translation>
  </message>
  <message>
   <source>New replay…</source>
   <translation>إعادة تشغيل جديدة…</translation>
  </message>
  <message>
   <source>New response</source>
   <translation>الإجابة الجديدة</translation>
  </message>
  <message>
   <source>New run</source>
   <translation>تشغيل جديد</translation>
  </message>
  <message>
   <source>New run…</source>
   <translation>تشغيل جديد…</translation>
  </message>
  <message>
   <source>New tag</source>
   <translation>وسم جديد</translation>
  </message>
  <message>
   <source>New tools: {names}</source>
   <translation>أدوات جديدة: {names}</translation>
  </message>
  <message>
   <source>New window</source>
   <translation>نافذة جديدة</translation>
  </message>
  <message>
   <source>Next</source>
   <translation>التالي</translation>
  </message>
  <message>
   <source>Next chat</source>
   <translation>الدردشة التالية</translation>
  </message>
  <message>
   <source>Next difference</source>
   <translation>الموضع التالي</translation>
  </message>
  <message>
   <source>Next file</source>
   <translation>الملف التالي</translation>
  </message>
  <message>
   <source>Next hit</source>
   <translation>النتيجة التالية</translation>
  </message>
  <message>
   <source>Next hit (Enter)</source>
   <translation>النتيجة التالية (Enter)‏</translation>
  </message>
  <message>
   <source>Next page</source>
   <translation>الصفحة التالية</translation>
  </message>
  <message>
   <source>Next round</source>
   <translation>الجولة التالية</translation>
  </message>
  <message>
   <source>Next version</source>
   <translation>النسخة التالية</translation>
  </message>
  <message>
   <source>No A/A control: the incumbent was not asked again.</source>
   <translation>لا مقارنة ضابطة A/A: لم يُسأل النموذج القديم من جديد.</translation>
  </message>
  <message>
   <source>No answer was worse, and none has a warning sign.</source>
   <translation>لم تكن أي إجابة أسوأ، وليس على أيٍّ منها علامة تحذير.</translation>
  </message>
  <message>
   <source>No backups yet</source>
   <translation>لا شيء بعد</translation>
  </message>
  <message>
   <source>No batch is running, and not all requests have responses.</source>
   <translation>لا دفعة جارية، ولم يُجَب عن كل شيء.</translation>
  </message>
  <message>
   <source>No browser could be opened.</source>
   <translation>تعذّر فتح أي متصفح.</translation>
  </message>
  <message>
   <source>No case in this suite has the tag “{tag}”.</source>
   <translation>ليس لأي حالة في هذه المجموعة الوسم «{tag}».</translation>
  </message>
  <message>
   <source>No cases could be imported.</source>
   <translation>لا توجد حالة يمكن أخذها.</translation>
  </message>
  <message>
   <source>No connection uses a key.</source>
   <translation>لا اتصال يسجّل الدخول بمفتاح.</translation>
  </message>
  <message>
   <source>No contender with a score has a known cost.</source>
   <translation>لا تُعرف تكلفة أي متنافس له درجة.</translation>
  </message>
  <message>
   <source>No contender with a score has a known latency.</source>
   <translation>لا يُعرف زمن الإجابة لأي متنافس له درجة.</translation>
  </message>
  <message>
   <source>No conversations.</source>
   <translation>لا محادثة.</translation>
  </message>
  <message>
   <source>No costs in this period.</source>
   <translation>لا تكاليف في هذه الفترة.</translation>
  </message>
  <message>
   <source>No data for {s} s. Waiting up to {limit} s.</source>
   <translation>لا بيانات منذ {s} ث. الانتظار حتى {limit} ث.</translation>
  </message>
  <message>
   <source>No judge model is specified.</source>
   <translation>لم يُذكر نموذج يحكم.</translation>
  </message>
  <message>
   <source>No matching models</source>
   <translation>لا يوجد نموذج بهذه الكلمات</translation>
  </message>
  <message>
   <source>No matching settings.</source>
   <translation>لا إعداد يحتوي على هذه الكلمات.</translation>
  </message>
  <message>
   <source>No matching titles</source>
   <translation>لا عنوان مطابق</translation>
  </message>
  <message>
   <source>No message contains all these words.</source>
   <translation>لا شيء مما قيل يحتوي على هذه الكلمات كلها.</translation>
  </message>
  <message>
   <source>No misspelled words</source>
   <translation>لا توجد كلمات بها أخطاء إملائية</translation>
  </message>
  <message>
   <source>No model called a tool in this turn.</source>
   <translation>لم يستدعِ أي نموذج أداة في هذا الدور.</translation>
  </message>
  <message>
   <source>No model has been found not to be worse yet. Review a replay, or vote in blind rounds.</source>
   <translation>لم يثبت بعد أن أي نموذج ليس أسوأ. راجع عملية إعادة تشغيل، أو صوّت في جولات عمياء.</translation>
  </message>
  <message>
   <source>No model has responded in this turn.</source>
   <translation>لم يُجب أي نموذج في هذا الدور.</translation>
  </message>
  <message>
   <source>No model is loaded on {host} ({status}){said}</source>
   <translation>لم يحمّل ‎{host}‎ أي نموذج ({status}){said}</translation>
  </message>
  <message>
   <source>No model list</source>
   <translation>لا قائمة بالنماذج</translation>
  </message>
  <message>
   <source>No model selected</source>
   <translation>لا رسالة لأحد</translation>
  </message>
  <message>
   <source>No pair has been reviewed.</source>
   <translation>لم يُراجع أي زوج.</translation>
  </message>
  <message>
   <source>No price is known for {model}, and the run has a cap.</source>
   <translation>لا يُعرف سعر {model}، وللتشغيل حدّ أعلى.</translation>
  </message>
  <message>
   <source>No program on this computer could open this address. Copy the address and open it yourself.</source>
   <translation>لم يفتح أي برنامج على هذا الكمبيوتر هذا العنوان. انسخه وافتحه بنفسك.</translation>
  </message>
  <message>
   <source>No prompts could be imported.</source>
   <translation>لا يوجد موجِّه يمكن أخذه.</translation>
  </message>
  <message>
   <source>No provider at {host} can serve this model right now ({status}){said}</source>
   <translation>ليس لدى {host} من يجيب عن هذا بالنموذج ({status}){said}</translation>
  </message>
  <message>
   <source>No response from {model}</source>
   <translation>لا إجابة من ‎{model}‎‏</translation>
  </message>
  <message>
   <source>No response from {old} in this selection can be replayed.</source>
   <translation>لا يمكن إعادة تشغيل أي إجابة من {old} ضمن هذا الاختيار.</translation>
  </message>
  <message>
   <source>No response from {old} matches this selection. Choose a longer period or other conversations.</source>
   <translation>لا إجابة من {old} تطابق هذا الاختيار. اختر فترة أطول أو محادثات أخرى.</translation>
  </message>
  <message>
   <source>No response from {place} within {seconds} seconds.</source>
   <translation>لا إجابة من ‎{place}‎ خلال {seconds} ثانية.</translation>
  </message>
  <message>
   <source>No response has been measured yet.</source>
   <translation>لم تُقَس أي إجابة بعد.</translation>
  </message>
  <message>
   <source>No response in this turn is JSON.</source>
   <translation>لا إجابة في هذا الدور بصيغة JSON.</translation>
  </message>
  <message>
   <source>No response in this turn yet.</source>
   <translation>لا إجابة في هذا الدور بعد.</translation>
  </message>
  <message>
   <source>No response was measured.</source>
   <translation>لم تُقس أي إجابة.</translation>
  </message>
  <message>
   <source>No response.</source>
   <translation>لم تصل إجابة.</translation>
  </message>
  <message>
   <source>No responses in this period.</source>
   <translation>لا إجابات في هذه الفترة.</translation>
  </message>
  <message>
   <source>No results</source>
   <translation>لا نتائج</translation>
  </message>
  <message>
   <source>No schema</source>
   <translation>بلا مخطط</translation>
  </message>
  <message>
   <source>No suggestions</source>
   <translation>لا توجد اقتراحات</translation>
  </message>
  <message>
   <source>No system prompt</source>
   <translation>لا موجّه نظام</translation>
  </message>
  <message>
   <source>No tools are called. The results of the earlier run are used.</source>
   <translation>لا تُستدعى أي أداة: تُستخدم نتائج التشغيل السابق.</translation>
  </message>
  <message>
   <source>No tools were listed yet. {logged}</source>
   <translation>لم تُسرد أي أدوات بعد. {logged}</translation>
  </message>
  <message>
   <source>No tools were listed yet. {logged} Last line: “{line}”</source>
   <translation>لم تُسرد أي أدوات بعد. {logged} آخر سطر: «{line}»</translation>
  </message>
  <message>
   <source>No votes were given in this comparison, so it does not say which model is better.</source>
   <translation>لم تُعطَ أصوات في هذه المقارنة: لا يُقال أي نموذج أفضل.</translation>
  </message>
  <message>
   <source>Nobody is signed in to “{name}”.</source>
   <translation>لم يسجّل أحد الدخول لـ«{name}».</translation>
  </message>
  <message>
   <source>None</source>
   <translation>لا شيء</translation>
  </message>
  <message numerus="yes">
   <source>None in {n} answers: no refusals, no cut answers, no lost formats.</source>
   <translation>
    <numerusform>لا إجابات، فلا مؤشرات.</numerusform>
    <numerusform>لا مؤشرات في إجابة واحدة: لا رفض، ولا إجابة مقطوعة، ولا تنسيق مفقود.</numerusform>
    <numerusform>لا مؤشرات في إجابتين: لا رفض، ولا إجابة مقطوعة، ولا تنسيق مفقود.</numerusform>
    <numerusform>لا مؤشرات في {n} إجابات: لا رفض، ولا إجابات مقطوعة، ولا تنسيقات مفقودة.</numerusform>
    <numerusform>لا مؤشرات في {n} إجابة: لا رفض، ولا إجابات مقطوعة، ولا تنسيقات مفقودة.</numerusform>
    <numerusform>لا مؤشرات في {n} إجابة: لا رفض، ولا إجابات مقطوعة، ولا تنسيقات مفقودة.</numerusform>
   </translation>
  </message>
  <message>
   <source>None of the conversations in this comparison exist.</source>
   <translation>لا توجد أي من محادثاتها.</translation>
  </message>
  <message>
   <source>Normal</source>
   <translation>ما يحدث</translation>
  </message>
  <message>
   <source>Not copied: another program is using the clipboard. Try again.</source>
   <translation>لم يُنسخ: يستخدم برنامج آخر الحافظة. حاول مرة أخرى.</translation>
  </message>
  <message>
   <source>Not counted</source>
   <translation>متروك</translation>
  </message>
  <message>
   <source>Not counted: {held} buffered in transit, {errors} failed or interrupted, {stopped} stopped.</source>
   <translation>متروك: {held} احتُجزت في الطريق حتى اكتملت، و{errors} فشلت أو انقطعت، و{stopped} أُوقفت.</translation>
  </message>
  <message>
   <source>Not graded</source>
   <translation>بلا تقييم</translation>
  </message>
  <message>
   <source>Not imported</source>
   <translation>لم تُستورد</translation>
  </message>
  <message>
   <source>Not possible: the old model can no longer be asked.</source>
   <translation>غير ممكن: لم يعد بالإمكان سؤال النموذج القديم.</translation>
  </message>
  <message>
   <source>Not reachable</source>
   <translation>تعذّر الوصول</translation>
  </message>
  <message>
   <source>Not replayed</source>
   <translation>ما لم يُعَد تشغيله</translation>
  </message>
  <message>
   <source>Not replayed: {reasons}.</source>
   <translation>لم يُعَد تشغيله: {reasons}.</translation>
  </message>
  <message>
   <source>Not reviewed yet</source>
   <translation>لم تُراجع بعد</translation>
  </message>
  <message>
   <source>Not sent in this turn.</source>
   <translation>لم يُسأل في هذا الدور.</translation>
  </message>
  <message>
   <source>Not sent yet.</source>
   <translation>لم يُسأل بعد.</translation>
  </message>
  <message>
   <source>Not sent, because a successor does not accept them: {names}.</source>
   <translation>لم تُرسل لأن أحد البدائل لا يقبلها: {names}.</translation>
  </message>
  <message>
   <source>Not sent: no pane matches {names}. The panes are {panes}.</source>
   <translation>لم تُرسل: لا توجد لوحة تطابق {names}. اللوحات هي {panes}.</translation>
  </message>
  <message>
   <source>Not sent: {prompt}</source>
   <translation>لم يُرسل: {prompt}</translation>
  </message>
  <message>
   <source>Not signed in</source>
   <translation>لم يُسجَّل الدخول</translation>
  </message>
  <message>
   <source>Not started yet</source>
   <translation>لم يُشغَّل بعد</translation>
  </message>
  <message>
   <source>Not stored</source>
   <translation>لا مكان</translation>
  </message>
  <message>
   <source>Not used: the connection's address is invalid.</source>
   <translation>غير مستخدم: لا يمكن استخدام عنوان الاتصال.</translation>
  </message>
  <message>
   <source>Note</source>
   <translation>ملاحظة</translation>
  </message>
  <message>
   <source>Note on this vote</source>
   <translation>ملاحظة على هذا الصوت</translation>
  </message>
  <message>
   <source>Note on {name}</source>
   <translation>ملاحظة: {name}</translation>
  </message>
  <message>
   <source>Notes</source>
   <translation>ما ينبغي معرفته عنه</translation>
  </message>
  <message>
   <source>Nothing can be imported.</source>
   <translation>لا يمكن استيراد شيء.</translation>
  </message>
  <message>
   <source>Nothing can be replayed</source>
   <translation>لا شيء يمكن إعادة تشغيله</translation>
  </message>
  <message>
   <source>Nothing has been reviewed yet: {successor} cannot be compared with {incumbent}.</source>
   <translation>لم يُراجع شيء بعد: {successor} لا يمكن مقارنته بالنموذج {incumbent}.</translation>
  </message>
  <message>
   <source>Nothing in this chat is saved. It is gone when you leave it.</source>
   <translation>لا يُحفظ شيء من هذه المحادثة. تختفي عند مغادرتها.</translation>
  </message>
  <message>
   <source>Nothing is lost. Paragone retries automatically.</source>
   <translation>لم يضِع شيء: يُعاد السؤال من تلقاء نفسه.</translation>
  </message>
  <message>
   <source>Nothing is reviewed: a judge alone gives an indication, not a verdict.</source>
   <translation>لا يُراجع شيء: الحَكَم وحده يعطي إشارة لا حكمًا.</translation>
  </message>
  <message>
   <source>Nothing responds at this path on {host} ({status}){said}</source>
   <translation>لا شيء يجيب عند هذا المسار في ‎{host}‎ ({status}){said}‏</translation>
  </message>
  <message>
   <source>Nothing starts before you use the server. Secrets go to this computer's keyring, never into a file.</source>
   <translation>لا يُشغَّل شيء قبل أن تستخدم الخادم. تُحفظ الأسرار في حلقة مفاتيح هذا الحاسوب، ولا تُحفظ في ملف أبدًا.</translation>
  </message>
  <message>
   <source>Nothing was changed.</source>
   <translation>لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Nothing was sent, because the audit log {file} could not be written: {reason}.</source>
   <translation>يجب تسجيل ما يُرسل في ‎{file}‎، ولا يمكن ذلك: {reason}.</translation>
  </message>
  <message>
   <source>Notice</source>
   <translation>تنبيه</translation>
  </message>
  <message>
   <source>Notices and licenses</source>
   <translation>الإشعارات والتراخيص</translation>
  </message>
  <message>
   <source>Notifications</source>
   <translation>الإشعارات</translation>
  </message>
  <message>
   <source>Notifies you when a response ends while the window is in the background.</source>
   <translation>الإشعار بانتهاء إجابة حين لا تكون النافذة في المقدمة.</translation>
  </message>
  <message>
   <source>Now</source>
   <translation>الآن</translation>
  </message>
  <message>
   <source>Number of pairs to review</source>
   <translation>عدد الأزواج المطلوب مراجعتها</translation>
  </message>
  <message>
   <source>Number of repeats per case</source>
   <translation>عدد مرات سؤال كل منهم</translation>
  </message>
  <message>
   <source>Number of threads for the embedded engine. 0: one fewer than the number of processor cores.</source>
   <translation>خيوط المحرّك المضمّن؛ 0 يعني أقل بواحد مما لدى المعالج.</translation>
  </message>
  <message>
   <source>Number of turns</source>
   <translation>عدد الأدوار</translation>
  </message>
  <message>
   <source>OK</source>
   <translation>سليم</translation>
  </message>
  <message>
   <source>Of 100 comparisons, {successor} loses at least {margin} more than it wins (95% confidence). This margin was set before the first answer was requested.</source>
   <translation>من كل 100 مقارنة يخسر {successor} ما يزيد على ما يفوز به بمقدار {margin} على الأقل (بثقة 95%). حُدّد هذا الهامش قبل طلب الإجابة الأولى.</translation>
  </message>
  <message>
   <source>Of 100 comparisons, {successor} loses at most {margin} more than it wins (95% confidence). This margin was set before the first answer was requested.</source>
   <translation>من كل 100 مقارنة لا يخسر {successor} ما يزيد على ما يفوز به بأكثر من {margin} (بثقة 95%). حُدّد هذا الهامش قبل طلب الإجابة الأولى.</translation>
  </message>
  <message>
   <source>Of models with more than {n} responses, {n} are shown, evenly spaced from the smallest to the largest value.</source>
   <translation>من النماذج التي لها أكثر من {n} إجابة تُعرض {n} إجابة، موزعة بالتساوي من أصغر قيمة إلى أكبرها.</translation>
  </message>
  <message>
   <source>Offered to the models, starting with the next prompt.</source>
   <translation>تُعرض على النماذج بدءًا من الموجّه التالي.</translation>
  </message>
  <message>
   <source>Old model</source>
   <translation>النموذج القديم</translation>
  </message>
  <message>
   <source>Older conversations are deleted permanently when Paragone starts and once a day. Pinned conversations are kept unless a policy sets this option. After a crash, conversations kept only until Paragone quits are deleted at the next start.</source>
   <translation>يُحذف الأقدم نهائيًا، عند البدء ومرة كل يوم. وتبقى المحادثات المثبّتة، ما لم تضبط سياسةٌ هذا. وبعد انهيار البرنامج، لا يزول ما كان لتشغيل واحد إلا عند البدء التالي.</translation>
  </message>
  <message>
   <source>Older than the retention period (Settings › Storage): will be deleted permanently at the next start</source>
   <translation>أقدم من مدة حفظ المحادثات (الإعدادات ‹ التخزين): تُحذف نهائيًا عند التشغيل التالي</translation>
  </message>
  <message>
   <source>On any device, open {page} and enter this code:</source>
   <translation>على أي جهاز، افتح {page} وأدخل هذا الرمز:</translation>
  </message>
  <message>
   <source>One conversation</source>
   <translation>مرة واحدة</translation>
  </message>
  <message>
   <source>One line per response (*.jsonl)</source>
   <translation>سطر لكل إجابة (*.jsonl)</translation>
  </message>
  <message>
   <source>One line per response.</source>
   <translation>يمثل كل إجابة سطر واحد.</translation>
  </message>
  <message>
   <source>One line per response. Click a line to open its turn.</source>
   <translation>سطر لكل إجابة؛ اضغط أحدها لفتح دوره</translation>
  </message>
  <message>
   <source>One page for any browser, without scripts.</source>
   <translation>صفحة واحدة لأي متصفح، من دون برامج نصية.</translation>
  </message>
  <message>
   <source>One row per response (*.csv)</source>
   <translation>صف لكل إجابة (*.csv)</translation>
  </message>
  <message>
   <source>Only calls that differ</source>
   <translation>الاستدعاءات المختلفة فقط</translation>
  </message>
  <message>
   <source>Only fields that differ</source>
   <translation>الحقول المختلفة فقط</translation>
  </message>
  <message>
   <source>Only in the earlier run: {names}.</source>
   <translation>في التشغيل السابق وحده: {names}.</translation>
  </message>
  <message>
   <source>Only in the later run: {names}.</source>
   <translation>في التشغيل اللاحق وحده: {names}.</translation>
  </message>
  <message>
   <source>Only the beginning is shown. Choose Copy to copy the whole request.</source>
   <translation>يُعرض البدء، ويُنسخ كله.</translation>
  </message>
  <message>
   <source>Only the first of several expected answers was imported.</source>
   <translation>استُوردت الإجابة المتوقعة الأولى فقط من بين عدة إجابات.</translation>
  </message>
  <message>
   <source>Only the first {number} policy files in {folder} are read.</source>
   <translation>تُعتمد أول {number} من ملفات السياسات في ‎{folder}‎ فقط.</translation>
  </message>
  <message>
   <source>Only the first {n} calls of each response are compared.</source>
   <translation>تُقارن أول {n} من استدعاءات كل إجابة فقط.</translation>
  </message>
  <message>
   <source>Only the first {n} characters are shown.</source>
   <translation>لا تُعرض هنا إلا أول {n} من الأحرف.</translation>
  </message>
  <message>
   <source>Only the first {n} fields are compared.</source>
   <translation>تُقارن أول {n} من الحقول فقط.</translation>
  </message>
  <message>
   <source>Only the {count} most used tags are listed.</source>
   <translation>لا تُعرض إلا أكثر {count} وسم استعمالًا في المحادثات.</translation>
  </message>
  <message>
   <source>Only {model} responded in JSON: agreement needs two responses.</source>
   <translation>أجاب {model} وحده بصيغة JSON: يحتاج الاتفاق إلى إجابتين.</translation>
  </message>
  <message>
   <source>Only {size} free on this disk. Conversations might not be saved.</source>
   <translation>‏{size} خالية على هذا القرص. هذا قليل: قد لا تُحفظ المحادثات.</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>فتح</translation>
  </message>
  <message>
   <source>Open as chat</source>
   <translation>فتح كدردشة</translation>
  </message>
  <message>
   <source>Open as comparison</source>
   <translation>فتح كمقارنة</translation>
  </message>
  <message>
   <source>Open as conversation</source>
   <translation>فتح كمحادثة</translation>
  </message>
  <message>
   <source>Open attached files</source>
   <translation>فتح الملفات المرفقة</translation>
  </message>
  <message>
   <source>Open comparison</source>
   <translation>فتح المقارنة</translation>
  </message>
  <message>
   <source>Open conversation</source>
   <translation>فتح المحادثة</translation>
  </message>
  <message>
   <source>Open conversations</source>
   <translation>فتح المحادثات</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>فتح المجلد</translation>
  </message>
  <message>
   <source>Open folder {name}</source>
   <translation>فتح المجلد: {name}‏</translation>
  </message>
  <message>
   <source>Open link</source>
   <translation>فتح الرابط</translation>
  </message>
  <message>
   <source>Open page</source>
   <translation>فتح الصفحة</translation>
  </message>
  <message>
   <source>Open suite</source>
   <translation>فتح مجموعة اختبار</translation>
  </message>
  <message>
   <source>Open suite…</source>
   <translation>فتح مجموعة اختبار…</translation>
  </message>
  <message>
   <source>Open the conversation to see the rest.</source>
   <translation>افتح المحادثة لرؤية البقية.</translation>
  </message>
  <message>
   <source>Open this response as a conversation to see the rest.</source>
   <translation>تظهر البقية عند فتحها كمحادثة.</translation>
  </message>
  <message>
   <source>Open {host} in the browser</source>
   <translation>فتح {host} في المتصفح</translation>
  </message>
  <message>
   <source>Open {host} in the browser?</source>
   <translation>أتريد فتح ‎{host}‎ في المتصفح؟</translation>
  </message>
  <message>
   <source>Open {model} in new pane</source>
   <translation>افتح {model} بجانبه</translation>
  </message>
  <message>
   <source>OpenAI-compatible</source>
   <translation>متوافق مع OpenAI‏</translation>
  </message>
  <message>
   <source>Open…</source>
   <translation>فتحها…</translation>
  </message>
  <message>
   <source>Options and connections</source>
   <translation>الخيارات والاتصالات</translation>
  </message>
  <message>
   <source>Or rank the responses:</source>
   <translation>أو ترتيب:</translation>
  </message>
  <message>
   <source>Order seed</source>
   <translation>بذرة الترتيب</translation>
  </message>
  <message>
   <source>Order, best first</source>
   <translation>الترتيب، الأفضل أولًا</translation>
  </message>
  <message>
   <source>Other language</source>
   <translation>لغة أخرى</translation>
  </message>
  <message>
   <source>Other models</source>
   <translation>نماذج أخرى</translation>
  </message>
  <message>
   <source>Other users can write to the folder {folder}.</source>
   <translation>يستطيع مستخدمون آخرون الكتابة في المجلد ‎{folder}‎.</translation>
  </message>
  <message>
   <source>Outline</source>
   <translation>المخطط</translation>
  </message>
  <message>
   <source>Output tokens</source>
   <translation>رموز الإخراج</translation>
  </message>
  <message>
   <source>Output tokens, mean</source>
   <translation>رموز الإخراج، المتوسط</translation>
  </message>
  <message>
   <source>Own</source>
   <translation>خاص</translation>
  </message>
  <message>
   <source>P pass · F fail · O note · Tab next response · N next case</source>
   <translation>‏P يُنجح الإجابة المحددة، وF يُسقطها، وO يكتب ملاحظة؛ وTab يحدد الإجابة التالية، وN يتابع.</translation>
  </message>
  <message>
   <source>PDF</source>
   <translation>PDF</translation>
  </message>
  <message>
   <source>PDF (*.pdf)</source>
   <translation>‏PDF ‏(*.pdf)</translation>
  </message>
  <message>
   <source>Page {n} of {count}</source>
   <translation>الصفحة {n} من {count}</translation>
  </message>
  <message>
   <source>Pages</source>
   <translation>صفحات</translation>
  </message>
  <message>
   <source>Pages to print or share, without reasoning.</source>
   <translation>صفحات للطباعة أو المشاركة، من دون التفكير.</translation>
  </message>
  <message>
   <source>Pair {n} of {all}</source>
   <translation>الزوج {n} من {all}</translation>
  </message>
  <message>
   <source>Pairs</source>
   <translation>الأزواج</translation>
  </message>
  <message>
   <source>Pairwise comparison</source>
   <translation>كلٌّ مقابل كلٍّ</translation>
  </message>
  <message>
   <source>Pane {number}: {model}</source>
   <translation>اللوحة {number}: {model}‏</translation>
  </message>
  <message>
   <source>Panes per comparison</source>
   <translation>لوحات المقارنة</translation>
  </message>
  <message>
   <source>Panes to address</source>
   <translation>لوحات للمخاطبة</translation>
  </message>
  <message>
   <source>Paragone</source>
   <translation>Paragone</translation>
  </message>
  <message>
   <source>Paragone checks only when you ask, and installs nothing.</source>
   <translation>لا يبحث Paragone إلا عندما تطلب ذلك، ولا يثبّت شيئًا.</translation>
  </message>
  <message>
   <source>Paragone copies and verifies the conversations, then uses the new folder.</source>
   <translation>تُنسخ وتُفحص؛ ثم يستخدمها Paragone هناك.</translation>
  </message>
  <message>
   <source>Paragone could not start the process that creates this file.</source>
   <translation>تعذّر على Paragone بدء العملية التي تُنشئ هذا الملف.</translation>
  </message>
  <message>
   <source>Paragone creates one backup a day and keeps seven.</source>
   <translation>تُنشأ واحدة كل يوم، وتُحفظ سبع.</translation>
  </message>
  <message>
   <source>Paragone does not open addresses of this kind.</source>
   <translation>لا يفتح Paragone عناوين من هذا النوع.</translation>
  </message>
  <message>
   <source>Paragone only supports Basic authentication. In Settings › Network › Proxy, enter a local proxy that signs in to your company's proxy, such as Px or Cntlm, or ask the proxy's administrator for an exception.</source>
   <translation>لا يمكن هنا إلا Basic. أدخل في الإعدادات › الشبكة › الوكيل وكيلًا صغيرًا على هذا الجهاز يسجّل الدخول إلى الآخر، مثل Px أو Cntlm، أو اسأل مسؤوليه عن طريق يتجاوزه.</translation>
  </message>
  <message>
   <source>Paragone only supports Basic authentication. Set `network.proxy` to a local proxy that signs in to this proxy for you, such as Px or Cntlm, or ask the proxy's administrator for an exception.</source>
   <translation>لا يمكن هنا إلا Basic. يمكن ضبط وكيل صغير على هذا الجهاز يسجّل الدخول إلى الوكيل الآخر، مثل Px أو Cntlm، في `network.proxy`؛ أو اطلب من المسؤولين عنه طريقًا لا يمرّ به.</translation>
  </message>
  <message>
   <source>Paragone will quit when all responses are complete.</source>
   <translation>ينتهي Paragone عند اكتمال جميع الإجابات.</translation>
  </message>
  <message>
   <source>Paragone {version}</source>
   <translation>Paragone {version}</translation>
  </message>
  <message>
   <source>Paragone {version} is available. Upgrade it the way you installed it.</source>
   <translation>الإصدار {version} من Paragone متاح. حدّثه بالطريقة التي ثبّتّه بها.</translation>
  </message>
  <message>
   <source>Parameters</source>
   <translation>المعاملات</translation>
  </message>
  <message>
   <source>Parameters for contender {number}</source>
   <translation>معاملات المتنافس {number}</translation>
  </message>
  <message>
   <source>Parameters that are not sent, because a successor does not accept them: {names}</source>
   <translation>معاملات لا تُرسل لأن أحد البدائل لا يقبلها: {names}</translation>
  </message>
  <message>
   <source>Parameters that were not sent, because a successor does not accept them: {names}.</source>
   <translation>معاملات لم تُرسل لأن أحد البدائل لا يقبلها: {names}.</translation>
  </message>
  <message>
   <source>Parameters, such as temperature=0.2</source>
   <translation>معاملات مثل ‎temperature=0.2‎</translation>
  </message>
  <message>
   <source>Parameters…</source>
   <translation>المعاملات…</translation>
  </message>
  <message>
   <source>Partial responses are saved. You can continue stopped responses the next time you start Paragone.</source>
   <translation>حُفظ ما وصل. يمكنك متابعة إجابة موقوفة عند التشغيل التالي.</translation>
  </message>
  <message>
   <source>Pass</source>
   <translation>نجاح</translation>
  </message>
  <message>
   <source>Pass rate</source>
   <translation>معدل النجاح</translation>
  </message>
  <message>
   <source>Pass rates</source>
   <translation>معدلات النجاح</translation>
  </message>
  <message>
   <source>Pass rates: {a} {one}%, {b} {other}% over {cases} cases ({test}: p = {p}).</source>
   <translation>معدلات النجاح: {a} {one}%، {b} {other}% على {cases} حالة ({test}: p = {p}).</translation>
  </message>
  <message>
   <source>Pass rates: {a} {one}%, {b} {other}% over {cases} cases.</source>
   <translation>معدلات النجاح: {a} {one}%، {b} {other}% على {cases} حالة.</translation>
  </message>
  <message>
   <source>Passed</source>
   <translation>نجحت</translation>
  </message>
  <message>
   <source>Paste a JSON Schema, or an example such as {example}</source>
   <translation>ألصق JSON Schema، أو مثالًا مثل {example}</translation>
  </message>
  <message>
   <source>Paste configuration</source>
   <translation>لصق إعدادات</translation>
  </message>
  <message>
   <source>Paste configuration…</source>
   <translation>لصق إعدادات…</translation>
  </message>
  <message>
   <source>Paste the complete text, from the first brace to the last.</source>
   <translation>ألصق النص الكامل، من القوس الأول إلى الأخير.</translation>
  </message>
  <message>
   <source>Paste the “mcpServers” block from a server's documentation. Nothing is started.</source>
   <translation>ألصق كتلة «mcpServers» من توثيق الخادم. لا يُشغَّل شيء.</translation>
  </message>
  <message numerus="yes">
   <source>Pasted text, {n} characters, sent after the text you type</source>
   <translation>
    <numerusform>يُرسل نص ملصق طوله لا محارف بعد ما يُكتب</numerusform>
    <numerusform>يُرسل نص ملصق طوله محرف واحد بعد ما يُكتب</numerusform>
    <numerusform>يُرسل نص ملصق طوله محرفان بعد ما يُكتب</numerusform>
    <numerusform>يُرسل نص ملصق طوله {n} محارف بعد ما يُكتب</numerusform>
    <numerusform>يُرسل نص ملصق طوله {n} محرفًا بعد ما يُكتب</numerusform>
    <numerusform>يُرسل نص ملصق طوله {n} محرف بعد ما يُكتب</numerusform>
   </translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>إيقاف مؤقت</translation>
  </message>
  <message>
   <source>Penalizes tokens based on how often they have appeared.</source>
   <translation>تجنّب ما كثر ذكره.</translation>
  </message>
  <message>
   <source>Penalizes tokens that have already appeared, regardless of how often.</source>
   <translation>تجنّب كل ما سبق ذكره.</translation>
  </message>
  <message>
   <source>Pending tool calls</source>
   <translation>استدعاءات أدوات معلّقة</translation>
  </message>
  <message>
   <source>Per month</source>
   <translation>في الشهر</translation>
  </message>
  <message>
   <source>Period</source>
   <translation>الفترة</translation>
  </message>
  <message>
   <source>Photos are exported unchanged, including location and camera data.</source>
   <translation>تُصدَّر الصور كما أُرفقت، مع المكان والكاميرا المذكورين فيها.</translation>
  </message>
  <message>
   <source>Pin</source>
   <translation>تثبيت</translation>
  </message>
  <message>
   <source>Pinned</source>
   <translation>مثبّتة</translation>
  </message>
  <message>
   <source>Planned reviews</source>
   <translation>المراجعات المخطط لها</translation>
  </message>
  <message>
   <source>Polish</source>
   <translation>البولندية</translation>
  </message>
  <message>
   <source>Polite, correct, no promises.</source>
   <translation>مهذّب وصحيح وبلا وعود.</translation>
  </message>
  <message>
   <source>Portuguese</source>
   <translation>البرتغالية</translation>
  </message>
  <message>
   <source>Position bias or the share of ties cannot be estimated from these votes, because all or none of them went one way.</source>
   <translation>لا تضع هذه الأصوات حدًا لأثر الموضع أو لنسبة التعادل: ذهبت كلها أو لم يذهب شيء منها في اتجاه واحد.</translation>
  </message>
  <message>
   <source>Position bias: the first response won {share}% of decided pairs (95% CI {low}–{high}%).</source>
   <translation>من كل الأزواج المحسومة فاز المعروض أولًا بنسبة {share} % (من {low} إلى {high} %): ولهذا أثر.</translation>
  </message>
  <message>
   <source>Preference (95% CI)</source>
   <translation>التفضيل (مجال ثقة 95%)</translation>
  </message>
  <message>
   <source>Preference, successor minus incumbent</source>
   <translation>التفضيل: البديل ناقص النموذج القديم</translation>
  </message>
  <message>
   <source>Preliminary: the run is not complete. The intervals are not corrected for interim looks at the results, so there is no verdict yet.</source>
   <translation>أوّلي: لم يكتمل التشغيل. فتراته غير مصحّحة للاطّلاع المبكر، لذلك لا يوجد حكم بعد.</translation>
  </message>
  <message>
   <source>Preliminary: with the judge {model}, {a} has won {wins} cases against {b}, lost {losses} and tied {ties}.</source>
   <translation>أوّلي: لدى الحَكَم {model} فاز {a} على {b} في {wins} حالات وخسر {losses} وتعادل في {ties}.</translation>
  </message>
  <message>
   <source>Preliminary: {a} and {b} differ by {points} points ({low} to {high}) over the {cases} cases so far.</source>
   <translation>أوّلي: {a} و{b} يختلفان بمقدار {points} نقطة ({low} إلى {high}) على {cases} حالة حتى الآن.</translation>
  </message>
  <message>
   <source>Preliminary: {name} changed by {points} points ({low} to {high}) over the {cases} cases so far.</source>
   <translation>أوّلي: {name} تغيّر بمقدار {points} نقطة ({low} إلى {high}) على {cases} حالة حتى الآن.</translation>
  </message>
  <message>
   <source>Presence penalty</source>
   <translation>عقوبة الحضور</translation>
  </message>
  <message>
   <source>Preset</source>
   <translation>إعداد مسبق</translation>
  </message>
  <message>
   <source>Preset text</source>
   <translation>نص الإعداد المسبق</translation>
  </message>
  <message>
   <source>Preset {number} (“{title}”) could not be used: {reason}</source>
   <translation>لا يمكن استخدام الإعداد المسبق {number} («{title}»): {reason}‏</translation>
  </message>
  <message>
   <source>Preset {number} could not be used: {reason}</source>
   <translation>لا يمكن استخدام الإعداد المسبق {number}: {reason}‏</translation>
  </message>
  <message>
   <source>Preset “{preset}”</source>
   <translation>الإعداد المسبق «{preset}»</translation>
  </message>
  <message>
   <source>Preset: {title}</source>
   <translation>الإعداد المسبق: {title}‏</translation>
  </message>
  <message>
   <source>Presets</source>
   <translation>الإعدادات المسبقة</translation>
  </message>
  <message>
   <source>Presets (*.toml *.json);;All files (*)</source>
   <translation>الإعدادات المسبقة (*.toml *.json);;كل الملفات (*)</translation>
  </message>
  <message>
   <source>Press Alt and an arrow key to move this response. Drop it onto another response for a tie.</source>
   <translation>يحرّكها Alt مع مفاتيح الأسهم؛ وإذا سُحبت على أخرى كانت مساوية لها.</translation>
  </message>
  <message>
   <source>Press keys…</source>
   <translation>اضغط المفاتيح…</translation>
  </message>
  <message>
   <source>Press {keys} to answer.</source>
   <translation>اضغط {keys} للرد.</translation>
  </message>
  <message>
   <source>Preview</source>
   <translation>معاينة</translation>
  </message>
  <message>
   <source>Preview of the replay</source>
   <translation>معاينة إعادة التشغيل</translation>
  </message>
  <message>
   <source>Previous</source>
   <translation>السابق</translation>
  </message>
  <message>
   <source>Previous 30 days</source>
   <translation>آخر 30 يومًا</translation>
  </message>
  <message>
   <source>Previous 7 days</source>
   <translation>آخر 7 أيام</translation>
  </message>
  <message>
   <source>Previous chat</source>
   <translation>الدردشة السابقة</translation>
  </message>
  <message>
   <source>Previous difference</source>
   <translation>الموضع السابق</translation>
  </message>
  <message>
   <source>Previous file</source>
   <translation>الملف السابق</translation>
  </message>
  <message>
   <source>Previous hit</source>
   <translation>النتيجة السابقة</translation>
  </message>
  <message>
   <source>Previous hit (Shift+Enter)</source>
   <translation>النتيجة السابقة (Shift+Enter)‏</translation>
  </message>
  <message>
   <source>Previous page</source>
   <translation>الصفحة السابقة</translation>
  </message>
  <message>
   <source>Previous version</source>
   <translation>النسخة السابقة</translation>
  </message>
  <message>
   <source>Print</source>
   <translation>طباعة</translation>
  </message>
  <message>
   <source>Printer</source>
   <translation>الطابعة</translation>
  </message>
  <message>
   <source>Problems in the suite</source>
   <translation>مشكلات مجموعة الاختبار</translation>
  </message>
  <message>
   <source>Program</source>
   <translation>البرنامج</translation>
  </message>
  <message>
   <source>Programs and web services that models may call. You are asked before each call, unless you allowed it.</source>
   <translation>برامج وخدمات ويب يجوز للنماذج استدعاؤها. تُسأل قبل كل استدعاء، ما لم تكن قد سمحت به.</translation>
  </message>
  <message>
   <source>Programs in responses are left out</source>
   <translation>تُترك البرامج الموجودة داخل الردود</translation>
  </message>
  <message>
   <source>Progress of the replay</source>
   <translation>تقدّم إعادة التشغيل</translation>
  </message>
  <message>
   <source>Progress of the selection</source>
   <translation>تقدّم الاختيار</translation>
  </message>
  <message>
   <source>Prompt</source>
   <translation>الموجّه</translation>
  </message>
  <message>
   <source>Prompt for all models</source>
   <translation>طلب إليها كلها</translation>
  </message>
  <message>
   <source>Prompt for this round</source>
   <translation>طلب هذه الجولة</translation>
  </message>
  <message>
   <source>Prompt preview</source>
   <translation>الموجّه كما سيُرسل</translation>
  </message>
  <message>
   <source>Prompt without text</source>
   <translation>موجّه بلا نص</translation>
  </message>
  <message>
   <source>Prompt {number}</source>
   <translation>الطلب {number}</translation>
  </message>
  <message>
   <source>Prompt {prompt} uses “{name}”, which case {case} does not define.</source>
   <translation>الموجِّه {prompt} يذكر «{name}»، وليس ذلك في الحالة {case}.</translation>
  </message>
  <message>
   <source>Prompts</source>
   <translation>الموجّهات</translation>
  </message>
  <message>
   <source>Prompts and responses</source>
   <translation>الطلب والإجابات</translation>
  </message>
  <message>
   <source>Prompts from llm versions before 0.10 are left out ({count}).</source>
   <translation>تُترك مطالبات إصدارات llm الأقدم من 0.10 ({count}).</translation>
  </message>
  <message>
   <source>Prompts go to every pane whose chip is on. This pane's model works without an account or network.</source>
   <translation>ما تكتبه في الأسفل يذهب إلى كل لوحة زرّها مفعّل. وهذه تجيب دون حساب ولا شبكة.</translation>
  </message>
  <message>
   <source>Prompts go to every pane whose chip is on. {destination}</source>
   <translation>ما تكتبه في الأسفل يذهب إلى كل لوحة زرّها مفعّل. {destination}‏</translation>
  </message>
  <message>
   <source>Prompts go to {connection} ({host}).</source>
   <translation>تُرسل الموجّهات إلى ‎{connection}‎ (‎{host}‎).</translation>
  </message>
  <message>
   <source>Prompts go to {connection}.</source>
   <translation>تُرسل الموجّهات إلى ‎{connection}‎.</translation>
  </message>
  <message>
   <source>Prompts only</source>
   <translation>الموجّهات فقط</translation>
  </message>
  <message>
   <source>Prompts that seem to contain a payment card number.</source>
   <translation>موجّه يبدو أنه يحتوي على رقم بطاقة دفع.</translation>
  </message>
  <message>
   <source>Prompts that seem to contain an API key or a private key. Checked only on this computer.</source>
   <translation>موجّه يبدو أنه يحتوي على مفتاح API أو مفتاح خاص. يجري البحث عنه على هذا الحاسوب وحده.</translation>
  </message>
  <message>
   <source>Prompts to the embedded model stay on this computer and are not checked unless this setting is on.</source>
   <translation>ما يُقال للنموذج المضمّن يبقى على هذا الحاسوب، ولا يُفحص من دون هذا الخيار.</translation>
  </message>
  <message>
   <source>Proven models</source>
   <translation>نماذج مثبتة</translation>
  </message>
  <message>
   <source>Proxy</source>
   <translation>الوكيل</translation>
  </message>
  <message>
   <source>Proxy URL. Leave empty for the system proxy; `none` for no proxy. Connections to this computer (localhost) never use a proxy.</source>
   <translation>عنوان URL للوكيل؛ اتركه فارغًا لاستخدام وكيل النظام، أو اكتب `none` لعدم استخدام أي وكيل. لا يُستخدم الوكيل لهذا الجهاز نفسه أبدًا.</translation>
  </message>
  <message>
   <source>Quantization</source>
   <translation>التكميم</translation>
  </message>
  <message>
   <source>Question about the replay</source>
   <translation>سؤال عن إعادة التشغيل</translation>
  </message>
  <message>
   <source>Question about the run</source>
   <translation>سؤال عن التشغيل</translation>
  </message>
  <message>
   <source>Question from {server}</source>
   <translation>سؤال من {server}</translation>
  </message>
  <message>
   <source>Question to {model}:</source>
   <translation>السؤال الموجّه إلى {model}:</translation>
  </message>
  <message>
   <source>Question:</source>
   <translation>السؤال:</translation>
  </message>
  <message>
   <source>Queued: {prompt}</source>
   <translation>ينتظر: {prompt}</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>إنهاء</translation>
  </message>
  <message>
   <source>Quit Paragone</source>
   <translation>إنهاء Paragone</translation>
  </message>
  <message>
   <source>Quit when finished</source>
   <translation>إنهاء عند الاكتمال</translation>
  </message>
  <message>
   <source>Quotation</source>
   <translation>اقتباس</translation>
  </message>
  <message>
   <source>Quote</source>
   <translation>اقتباس</translation>
  </message>
  <message>
   <source>Raise cap and resume</source>
   <translation>رفع السقف والاستئناف</translation>
  </message>
  <message>
   <source>Raise the key's limit in the settings of the service that issued it, or enter another key.</source>
   <translation>ارفع حد المفتاح حيث صدر، أو أدخل مفتاحًا آخر.</translation>
  </message>
  <message>
   <source>Raise the limit with the provider, or wait until it resets.</source>
   <translation>ارفع هذا الحد حيث صدر المفتاح، أو انتظر حتى يبدأ من جديد.</translation>
  </message>
  <message>
   <source>Raise the proxy's response timeout (nginx: proxy_read_timeout), or choose a faster model.</source>
   <translation>ارفع مهلة الوكيل لانتظار الإجابات (في nginx: proxy_read_timeout)، أو اختر نموذجًا أسرع.</translation>
  </message>
  <message>
   <source>Rank</source>
   <translation>الرتبة</translation>
  </message>
  <message>
   <source>Rank of {letter}</source>
   <translation>رتبة {letter}</translation>
  </message>
  <message>
   <source>Ranking</source>
   <translation>الترتيب</translation>
  </message>
  <message>
   <source>Ranking (*.json)</source>
   <translation>الترتيب (*.json)</translation>
  </message>
  <message>
   <source>Reachable on this computer, without TLS</source>
   <translation>تم الوصول على هذا الحاسوب، دون TLS‏</translation>
  </message>
  <message>
   <source>Reachable over TLS, certificate trusted</source>
   <translation>تم الوصول عبر TLS، والشهادة موثوقة</translation>
  </message>
  <message>
   <source>Read from the environment variable {key_env} each time</source>
   <translation>يُقرأ من المتغيّر ‎{key_env}‎ عند كل استخدام</translation>
  </message>
  <message>
   <source>Read with a text cursor</source>
   <translation>القراءة بمؤشر النص</translation>
  </message>
  <message>
   <source>Reading {name}: page {done} of {of}…</source>
   <translation>تُقرأ {name}: الصفحة {done} من {of}…</translation>
  </message>
  <message>
   <source>Reading {name}…</source>
   <translation>تُقرأ {name}…</translation>
  </message>
  <message>
   <source>Reading…</source>
   <translation>تجري القراءة…</translation>
  </message>
  <message>
   <source>Reasoned</source>
   <translation>فكّر</translation>
  </message>
  <message>
   <source>Reasoned for {seconds} s</source>
   <translation>فكّر {seconds} ث</translation>
  </message>
  <message>
   <source>Reasoning</source>
   <translation>التفكير</translation>
  </message>
  <message>
   <source>Reasoning (ms)</source>
   <translation>التفكير (م.ث)</translation>
  </message>
  <message>
   <source>Reasoning effort</source>
   <translation>جهد الاستدلال</translation>
  </message>
  <message>
   <source>Reasoning tokens</source>
   <translation>رموز الاستدلال</translation>
  </message>
  <message>
   <source>Rebuilt when missing</source>
   <translation>يُنشأ من جديد إن لم يوجد</translation>
  </message>
  <message>
   <source>Recent</source>
   <translation>الأحدث</translation>
  </message>
  <message>
   <source>Recommended by your organization ({source}).</source>
   <translation>توصي به مؤسستك (‎{source}‎).</translation>
  </message>
  <message>
   <source>Recovery code</source>
   <translation>رمز الاسترداد</translation>
  </message>
  <message>
   <source>Recovery code: {code}</source>
   <translation>رمز الاسترداد: {code}‏</translation>
  </message>
  <message>
   <source>References need a judge. Specify one with `judge: connection/model`.</source>
   <translation>المراجع لحَكَم: يحدده `judge: اتصال/نموذج`.</translation>
  </message>
  <message>
   <source>Refused</source>
   <translation>مرفوضة</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>إعادة التوليد</translation>
  </message>
  <message>
   <source>Regenerate all</source>
   <translation>إعادة التوليد في الكل</translation>
  </message>
  <message>
   <source>Regenerate with another model…</source>
   <translation>إعادة التوليد بنموذج آخر…</translation>
  </message>
  <message>
   <source>Regenerate with recorded tool results</source>
   <translation>إعادة التوليد بنتائج الأدوات المسجلة</translation>
  </message>
  <message>
   <source>Region</source>
   <translation>المنطقة</translation>
  </message>
  <message>
   <source>Regression</source>
   <translation>حالة تراجع</translation>
  </message>
  <message>
   <source>Remember my choice</source>
   <translation>تذكّر اختياري</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>إزالة</translation>
  </message>
  <message>
   <source>Remove contender {number}</source>
   <translation>إزالة المتنافس {number}</translation>
  </message>
  <message>
   <source>Remove from archive</source>
   <translation>إخراج من الأرشيف</translation>
  </message>
  <message>
   <source>Remove grader {number}</source>
   <translation>إزالة المقيّم {number}</translation>
  </message>
  <message>
   <source>Remove header {number}</source>
   <translation>إزالة الترويسة {number}</translation>
  </message>
  <message>
   <source>Remove key</source>
   <translation>إزالة المفتاح</translation>
  </message>
  <message>
   <source>Remove pasted text</source>
   <translation>إزالة النص الملصق</translation>
  </message>
  <message>
   <source>Remove response schema</source>
   <translation>إزالة مخطط الإجابة</translation>
  </message>
  <message>
   <source>Remove some presets. Nothing was changed.</source>
   <translation>أزِل بعضها؛ لم يتغير شيء.</translation>
  </message>
  <message>
   <source>Remove successor {number}</source>
   <translation>إزالة البديل {number}</translation>
  </message>
  <message>
   <source>Remove that line. Nothing was changed.</source>
   <translation>أزل ذلك السطر؛ لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Remove the blocked text, then send the prompt again.</source>
   <translation>أزله وأرسل مجددًا.</translation>
  </message>
  <message>
   <source>Remove the connection and its key? Its conversations are kept.</source>
   <translation>أتريد إزالة الاتصال ومفتاحه؟ تبقى محادثاته.</translation>
  </message>
  <message>
   <source>Remove the connection? Its conversations are kept.</source>
   <translation>أتريد إزالة الاتصال؟ تبقى محادثاته.</translation>
  </message>
  <message>
   <source>Remove the flagged text, or send the prompt anyway (`--allow-flagged` in a terminal).</source>
   <translation>أزله، أو أرسله مع ذلك: ‎`--allow-flagged`‎ في الطرفية.</translation>
  </message>
  <message>
   <source>Remove the flagged text, or send the prompt anyway.</source>
   <translation>أزله، أو أرسله على أي حال.</translation>
  </message>
  <message>
   <source>Remove the header, or choose no authentication.</source>
   <translation>أزل الترويسة، أو اختر عدم المصادقة.</translation>
  </message>
  <message>
   <source>Remove the header.</source>
   <translation>احذفها.</translation>
  </message>
  <message>
   <source>Remove the key for {name}</source>
   <translation>إزالة مفتاح ‎{name}‎‏</translation>
  </message>
  <message>
   <source>Remove the key's restrictions in the settings of the service that issued it, or enter an unrestricted key.</source>
   <translation>ارفع قيود المفتاح حيث صدر، أو أدخل مفتاحًا بلا قيود.</translation>
  </message>
  <message>
   <source>Remove the parameter for this model.</source>
   <translation>ألغِ ضبط هذا المعامل لهذا النموذج.</translation>
  </message>
  <message>
   <source>Remove the server, its secrets and your decisions on its tools?</source>
   <translation>هل تريد إزالة الخادم وأسراره وقراراتك بشأن أدواته؟</translation>
  </message>
  <message>
   <source>Remove the system prompt for this model, or choose another model.</source>
   <translation>احذف تعليمات النظام لهذا النموذج، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Remove variable {number}</source>
   <translation>إزالة المتغير {number}</translation>
  </message>
  <message>
   <source>Remove {name}</source>
   <translation>إزالة ‎{name}‎‏</translation>
  </message>
  <message>
   <source>Remove {name} and its key</source>
   <translation>إزالة ‎{name}‎ ومفتاحه</translation>
  </message>
  <message>
   <source>Remove {name} and its secrets</source>
   <translation>إزالة {name} وأسراره</translation>
  </message>
  <message>
   <source>Remove “{first}” or “{second}” for this model.</source>
   <translation>ألغِ ضبط «{first}» أو «{second}» لهذا النموذج.</translation>
  </message>
  <message>
   <source>Removed tools: {names}</source>
   <translation>أدوات أزيلت: {names}</translation>
  </message>
  <message>
   <source>Removing imported conversations…</source>
   <translation>تجري إزالة ما استُورد…</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>إعادة التسمية</translation>
  </message>
  <message>
   <source>Rename the file, or choose another folder with --data-dir.</source>
   <translation>أعد تسميته، أو اختر مجلدًا آخر باستخدام --data-dir.</translation>
  </message>
  <message>
   <source>Rename the file, or start Paragone with another data folder.</source>
   <translation>أعد تسميته، أو شغّل Paragone بمجلد بيانات آخر.</translation>
  </message>
  <message>
   <source>Rename the file.</source>
   <translation>أعد تسميته.</translation>
  </message>
  <message>
   <source>Repeat</source>
   <translation>التكرار</translation>
  </message>
  <message>
   <source>Repeat {n} of {all}</source>
   <translation>التكرار {n} من {all}</translation>
  </message>
  <message>
   <source>Rephrase the prompt. The filter is configured in the deployment.</source>
   <translation>أعد صياغة الموجّه؛ إعدادات المرشّح تخص النشر.</translation>
  </message>
  <message>
   <source>Replace</source>
   <translation>استبدال</translation>
  </message>
  <message>
   <source>Replace everything</source>
   <translation>وضعها مكانها</translation>
  </message>
  <message>
   <source>Replaced by a backup on {when}</source>
   <translation>حلّت محلها نسخة احتياطية في {when}‏</translation>
  </message>
  <message>
   <source>Replay</source>
   <translation>إعادة التشغيل</translation>
  </message>
  <message>
   <source>Replay ID</source>
   <translation>معرّف إعادة التشغيل</translation>
  </message>
  <message>
   <source>Replay created</source>
   <translation>تاريخ إنشاء إعادة التشغيل</translation>
  </message>
  <message>
   <source>Replay in progress</source>
   <translation>إعادة تشغيل جارية</translation>
  </message>
  <message>
   <source>Replay without a batch, or without a cap.</source>
   <translation>أعد التشغيل بلا دفعة أو بلا حدّ أعلى.</translation>
  </message>
  <message>
   <source>Replay your conversations…</source>
   <translation>إعادة تشغيل محادثاتك…</translation>
  </message>
  <message>
   <source>Replay: {name}</source>
   <translation>إعادة التشغيل: {name}</translation>
  </message>
  <message>
   <source>Replay: {old} → {new}</source>
   <translation>إعادة التشغيل: {old} ‏← {new}</translation>
  </message>
  <message>
   <source>Replays</source>
   <translation>عمليات إعادة التشغيل</translation>
  </message>
  <message>
   <source>Reply</source>
   <translation>ردّ</translation>
  </message>
  <message>
   <source>Reply to this customer: {{mail}}</source>
   <translation>أجب هذا العميل: {{mail}}</translation>
  </message>
  <message>
   <source>Report of the replay</source>
   <translation>تقرير إعادة التشغيل</translation>
  </message>
  <message>
   <source>Report…</source>
   <translation>تقرير…</translation>
  </message>
  <message>
   <source>Request</source>
   <translation>الطلب</translation>
  </message>
  <message>
   <source>Request options and schemas are left out</source>
   <translation>تُترك الخيارات والمخططات التي طُلبت بها الإجابات</translation>
  </message>
  <message>
   <source>Requests already sent will still be completed.</source>
   <translation>يكتمل ما هو جارٍ الآن.</translation>
  </message>
  <message>
   <source>Requests with the same seed give similar responses.</source>
   <translation>البذرة نفسها تعطي إجابات متشابهة مجددًا.</translation>
  </message>
  <message>
   <source>Research reports are not in the file</source>
   <translation>تقارير البحث ليست في الملف</translation>
  </message>
  <message>
   <source>Reset</source>
   <translation>إعادة الضبط</translation>
  </message>
  <message>
   <source>Reset all</source>
   <translation>إلغاء ضبط الكل</translation>
  </message>
  <message>
   <source>Reset the shortcut for {command}</source>
   <translation>إعادة ضبط مفاتيح {command}‏</translation>
  </message>
  <message>
   <source>Reset to the default: {value}</source>
   <translation>العودة إلى القيمة المبدئية: {value}‏</translation>
  </message>
  <message>
   <source>Reset {option}</source>
   <translation>إعادة ضبط {option}‏</translation>
  </message>
  <message>
   <source>Responding.</source>
   <translation>يجيب.</translation>
  </message>
  <message>
   <source>Response</source>
   <translation>الإجابة</translation>
  </message>
  <message>
   <source>Response chosen. Each model still continues with its own history.</source>
   <translation>وُسمت الإجابة. وما زال كل نموذج يتابع من سجله هو.</translation>
  </message>
  <message>
   <source>Response from {model}</source>
   <translation>أجاب {model}</translation>
  </message>
  <message>
   <source>Response from {name}</source>
   <translation>إجابة {name}</translation>
  </message>
  <message>
   <source>Response schema</source>
   <translation>مخطط الإجابة</translation>
  </message>
  <message>
   <source>Response schema…</source>
   <translation>مخطط الإجابة…</translation>
  </message>
  <message>
   <source>Response times and costs appear here after the first response.</source>
   <translation>تظهر هنا أزمنة الإجابة والتكاليف بعد أول إجابة.</translation>
  </message>
  <message>
   <source>Response {letter}</source>
   <translation>الإجابة {letter}</translation>
  </message>
  <message>
   <source>Response {number}</source>
   <translation>الإجابة {number}</translation>
  </message>
  <message>
   <source>Responses</source>
   <translation>Responses</translation>
  </message>
  <message>
   <source>Responses API</source>
   <translation>عبر Responses</translation>
  </message>
  <message>
   <source>Responses are shown in full.</source>
   <translation>تُعرض الإجابات كاملة.</translation>
  </message>
  <message>
   <source>Responses in blind rounds</source>
   <translation>إجابات الجولات العمياء</translation>
  </message>
  <message>
   <source>Responses must match a JSON Schema.</source>
   <translation>يجب أن تطابق الإجابات JSON Schema.</translation>
  </message>
  <message>
   <source>Responses of {model} differ by {percent}.</source>
   <translation>‏تختلف إجابات {model} بمقدار {percent}.</translation>
  </message>
  <message>
   <source>Responses side by side, with settings, figures and votes, as one page for any browser.</source>
   <translation>الإجابات جنبًا إلى جنب، مع الإعدادات والأرقام والأصوات، في صفحة واحدة لأي متصفح.</translation>
  </message>
  <message>
   <source>Responses side by side, with settings, figures and votes, as pages to print or share.</source>
   <translation>الإجابات جنبًا إلى جنب، مع الإعدادات والأرقام والأصوات، صفحاتٍ للطباعة أو المشاركة.</translation>
  </message>
  <message>
   <source>Responses side by side, with settings, figures and votes, for Word or LibreOffice.</source>
   <translation>الإجابات جنبًا إلى جنب، مع الإعدادات والأرقام والأصوات، لبرنامج Word أو LibreOffice.</translation>
  </message>
  <message>
   <source>Responses turn by turn, with settings, figures and votes, as text to read and edit.</source>
   <translation>الإجابات دورًا بعد دور، مع الإعدادات والأرقام والأصوات، نصًّا للقراءة والتحرير.</translation>
  </message>
  <message>
   <source>Restore</source>
   <translation>استعادة</translation>
  </message>
  <message>
   <source>Restore a backup</source>
   <translation>استعادة نسخة احتياطية</translation>
  </message>
  <message>
   <source>Restore backup from {when}…</source>
   <translation>استعادة النسخة الاحتياطية من {when}…</translation>
  </message>
  <message>
   <source>Restore only missing conversations</source>
   <translation>استعادة الناقص فقط</translation>
  </message>
  <message>
   <source>Restore the backup from {when}?</source>
   <translation>أتريد استعادة النسخة الاحتياطية من {when}؟</translation>
  </message>
  <message>
   <source>Restore the connection's earlier address until the results have arrived, or delete the run.</source>
   <translation>أعِد إلى الاتصال عنوانه السابق إلى أن تصل النتائج، أو احذف التشغيل.</translation>
  </message>
  <message>
   <source>Restore…</source>
   <translation>استعادة…</translation>
  </message>
  <message>
   <source>Restoring…</source>
   <translation>تجري الاستعادة…</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>النتيجة</translation>
  </message>
  <message>
   <source>Result of {tool}</source>
   <translation>نتيجة {tool}</translation>
  </message>
  <message>
   <source>Results</source>
   <translation>ما عُثر عليه</translation>
  </message>
  <message>
   <source>Results of the run from {date}</source>
   <translation>نتائج التشغيل بتاريخ {date}</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>استئناف</translation>
  </message>
  <message>
   <source>Resume the run in a terminal.</source>
   <translation>تابع التشغيل في طرفية.</translation>
  </message>
  <message>
   <source>Resume the run later, and retry its errors.</source>
   <translation>تابِع التشغيل حينها، وأعِد محاولة أخطائه.</translation>
  </message>
  <message>
   <source>Resume the run with --allow-unknown-prices, or add the price to the catalog.</source>
   <translation>تابِعه مع ‎--allow-unknown-prices، أو أضِف السعر إلى الكتالوج.</translation>
  </message>
  <message>
   <source>Resume the run with a higher cap, then retry its errors.</source>
   <translation>تابِع التشغيل بحدّ أعلى، ثم أعِد محاولة أخطائه.</translation>
  </message>
  <message>
   <source>Resume the run with a higher cap.</source>
   <translation>تابِع التشغيل بحدّ أعلى.</translation>
  </message>
  <message>
   <source>Retry</source>
   <translation>إعادة المحاولة</translation>
  </message>
  <message>
   <source>Retry errors</source>
   <translation>إعادة محاولة الأخطاء</translation>
  </message>
  <message>
   <source>Retry failed</source>
   <translation>إعادة محاولة ما فشل</translation>
  </message>
  <message>
   <source>Retry in {left} h</source>
   <translation>إعادة المحاولة بعد {left} س</translation>
  </message>
  <message>
   <source>Retry in {left} min</source>
   <translation>إعادة المحاولة بعد {left} د</translation>
  </message>
  <message>
   <source>Retry in {left} s</source>
   <translation>إعادة المحاولة بعد {left} ث</translation>
  </message>
  <message>
   <source>Retrying in {left} h</source>
   <translation>ستُعاد المحاولة بعد {left} س</translation>
  </message>
  <message>
   <source>Retrying in {left} min</source>
   <translation>ستُعاد المحاولة بعد {left} د</translation>
  </message>
  <message>
   <source>Retrying in {left} s</source>
   <translation>تُعاد المحاولة بعد {left} ث</translation>
  </message>
  <message>
   <source>Reveal without voting</source>
   <translation>كشف بلا صوت</translation>
  </message>
  <message>
   <source>Revealed without a vote: this round is no longer blind.</source>
   <translation>كُشفت بلا صوت: لم تعد هذه الجولة عمياء.</translation>
  </message>
  <message>
   <source>Review</source>
   <translation>مراجعة</translation>
  </message>
  <message>
   <source>Review only</source>
   <translation>الاقتصار على مراجعة</translation>
  </message>
  <message>
   <source>Review while it runs</source>
   <translation>المراجعة في أثناء التشغيل</translation>
  </message>
  <message numerus="yes">
   <source>Review {n} more</source>
   <translation>
    <numerusform>لا مزيد للمراجعة</numerusform>
    <numerusform>مراجعة زوج آخر</numerusform>
    <numerusform>مراجعة زوجين آخرين</numerusform>
    <numerusform>مراجعة {n} أزواج أخرى</numerusform>
    <numerusform>مراجعة {n} زوجًا آخر</numerusform>
    <numerusform>مراجعة {n} زوج آخر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Review {n} pairs</source>
   <translation>
    <numerusform>لا أزواج للمراجعة</numerusform>
    <numerusform>مراجعة زوج واحد</numerusform>
    <numerusform>مراجعة زوجين</numerusform>
    <numerusform>مراجعة {n} أزواج</numerusform>
    <numerusform>مراجعة {n} زوجًا</numerusform>
    <numerusform>مراجعة {n} زوج</numerusform>
   </translation>
  </message>
  <message>
   <source>Review…</source>
   <translation>مراجعة…</translation>
  </message>
  <message>
   <source>Rounds per response</source>
   <translation>جولات كل إجابة</translation>
  </message>
  <message>
   <source>Rule</source>
   <translation>خط فاصل</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>تشغيل</translation>
  </message>
  <message>
   <source>Run `make setup` (or install the package that includes the engine), or add a connection to a server.</source>
   <translation>شغّل `make setup` (أو ثبّت الحزمة التي تضم المحرّك)، أو أضف اتصالًا بخادم.</translation>
  </message>
  <message>
   <source>Run again</source>
   <translation>التشغيل مرة أخرى</translation>
  </message>
  <message>
   <source>Run anyway</source>
   <translation>اسألها رغم ذلك</translation>
  </message>
  <message>
   <source>Run comparison</source>
   <translation>مقارنة تشغيلين</translation>
  </message>
  <message>
   <source>Run each case</source>
   <translation>اسأل كلًّا منهم</translation>
  </message>
  <message>
   <source>Run progress</source>
   <translation>تقدّم التشغيل</translation>
  </message>
  <message>
   <source>Run report</source>
   <translation>تقرير التشغيل</translation>
  </message>
  <message>
   <source>Run suite…</source>
   <translation>تشغيل مجموعة الاختبار…</translation>
  </message>
  <message>
   <source>Run the suite without --batch, or use --only to run only the other cases.</source>
   <translation>شغّلها من دون ‎--batch، أو شغّل الحالات الأخرى مع ‎--only.</translation>
  </message>
  <message>
   <source>Run the suite without batches, or without this case.</source>
   <translation>شغّل المجموعة بلا دفعات، أو بلا هذه الحالة.</translation>
  </message>
  <message>
   <source>Run these prompts again…</source>
   <translation>طرح هذه الطلبات مجددًا…</translation>
  </message>
  <message>
   <source>Runs</source>
   <translation>عمليات التشغيل</translation>
  </message>
  <message>
   <source>Runs and replays</source>
   <translation>عمليات التشغيل وإعادة التشغيل</translation>
  </message>
  <message>
   <source>Runs this program with these arguments, without a shell:</source>
   <translation>يشغّل هذا البرنامج بهذه الوسائط، من دون صدفة:</translation>
  </message>
  <message>
   <source>SQLite {version} (bundled)</source>
   <translation>‏SQLite ‎{version}‎ (خاص بنا)</translation>
  </message>
  <message>
   <source>SQLite {version} can damage databases. Version {wanted} or newer is required.</source>
   <translation>قد يُتلف SQLite {version} قواعد البيانات؛ يلزم {wanted} أو أحدث.</translation>
  </message>
  <message>
   <source>SQLite's VFS does not support encryption. Nothing was written.</source>
   <translation>هذا الطريق إلى القرص لا يتيح التشفير: لم يُكتب شيء.</translation>
  </message>
  <message>
   <source>Samples only from the most likely tokens whose probabilities add up to this value.</source>
   <translation>اختر من بين أرجح الكلمات التي تؤلف هذه النسبة.</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>حفظ</translation>
  </message>
  <message>
   <source>Save CSV…</source>
   <translation>حفظ CSV…</translation>
  </message>
  <message>
   <source>Save as preset</source>
   <translation>حفظ كإعداد مسبق</translation>
  </message>
  <message>
   <source>Save as preset…</source>
   <translation>حفظ كإعداد مسبق…</translation>
  </message>
  <message>
   <source>Save as…</source>
   <translation>حفظ باسم…</translation>
  </message>
  <message>
   <source>Save bundle</source>
   <translation>حفظ الحزمة</translation>
  </message>
  <message>
   <source>Save bundle…</source>
   <translation>حفظ الحزمة…</translation>
  </message>
  <message>
   <source>Save code</source>
   <translation>حفظ الشيفرة</translation>
  </message>
  <message numerus="yes">
   <source>Save code ({language}, {n} lines)</source>
   <translation>
    <numerusform>حفظ الشيفرة ({language}، {n} سطر)</numerusform>
    <numerusform>حفظ الشيفرة ({language}، سطر واحد)</numerusform>
    <numerusform>حفظ الشيفرة ({language}، سطران)</numerusform>
    <numerusform>حفظ الشيفرة ({language}، {n} أسطر)</numerusform>
    <numerusform>حفظ الشيفرة ({language}، {n} سطرًا)</numerusform>
    <numerusform>حفظ الشيفرة ({language}، {n} سطر)</numerusform>
   </translation>
  </message>
  <message>
   <source>Save suite</source>
   <translation>حفظ مجموعة الاختبار</translation>
  </message>
  <message>
   <source>Save table</source>
   <translation>حفظ الجدول</translation>
  </message>
  <message>
   <source>Saved as {path}.</source>
   <translation>حُفظ باسم {path}.</translation>
  </message>
  <message>
   <source>Saved to {path}. Check its contents before you share it.</source>
   <translation>كُتب في ‎{path}‎. راجعه قبل أن ترسله إلى غيرك.</translation>
  </message>
  <message>
   <source>Saved. Takes effect the next time Paragone starts.</source>
   <translation>حُفظ. يسري من التشغيل التالي.</translation>
  </message>
  <message>
   <source>Saved: {file}</source>
   <translation>كُتب: {file}</translation>
  </message>
  <message>
   <source>Saving</source>
   <translation>التوفير</translation>
  </message>
  <message>
   <source>Schema</source>
   <translation>المخطط</translation>
  </message>
  <message>
   <source>Score</source>
   <translation>النقاط</translation>
  </message>
  <message>
   <source>Score and cost</source>
   <translation>مقابل التكلفة</translation>
  </message>
  <message>
   <source>Score and latency</source>
   <translation>مقابل زمن الإجابة</translation>
  </message>
  <message>
   <source>Score and {axis}</source>
   <translation>النقاط مقابل {axis}</translation>
  </message>
  <message>
   <source>Scores are relative to {name} only for models that can be compared with it.</source>
   <translation>لوغاريتمات القيم منسوبة إلى {name} حيث يمكن مقارنته فقط.</translation>
  </message>
  <message>
   <source>Scores include one virtual tie per model (prior {prior}), so a few votes cannot produce extreme scores.</source>
   <translation>يُفترض أن كل متنافس لقي متنافسًا متوسطًا أيضًا، نصف فوز ونصف خسارة (الافتراض المسبق {prior}): فلا تجعله أصوات قليلة جيدًا أو سيئًا بلا حد.</translation>
  </message>
  <message>
   <source>Scores with 95% confidence intervals</source>
   <translation>النقاط مع مجالاتها</translation>
  </message>
  <message>
   <source>Scroll to bottom</source>
   <translation>العودة إلى النهاية</translation>
  </message>
  <message>
   <source>Scroll together</source>
   <translation>قراءة متزامنة</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>بحث</translation>
  </message>
  <message>
   <source>Search all messages for “{words}”</source>
   <translation>البحث عن «{words}» في كل الرسائل</translation>
  </message>
  <message>
   <source>Search commands and conversations</source>
   <translation>افعل شيئًا أو انتقل إلى محادثة</translation>
  </message>
  <message>
   <source>Search conversations</source>
   <translation>البحث في المحادثات</translation>
  </message>
  <message>
   <source>Search models</source>
   <translation>البحث في النماذج</translation>
  </message>
  <message>
   <source>Search presets</source>
   <translation>البحث في الإعدادات المسبقة</translation>
  </message>
  <message>
   <source>Search settings</source>
   <translation>البحث في الإعدادات</translation>
  </message>
  <message>
   <source>Search the web on {connection}?</source>
   <translation>هل تريد البحث في الويب عبر {connection}؟</translation>
  </message>
  <message>
   <source>Search, or type connection/model</source>
   <translation>ابحث، أو اكتب connection/model‏</translation>
  </message>
  <message>
   <source>Second response</source>
   <translation>الإجابة الثانية</translation>
  </message>
  <message>
   <source>Seconds to wait for a connection to a server.</source>
   <translation>ثواني انتظار الاتصال بالخادم.</translation>
  </message>
  <message>
   <source>Seconds to wait for the keyring, including its unlock prompt.</source>
   <translation>ثواني انتظار حلقة المفاتيح، بما في ذلك سؤالها عن فتح القفل.</translation>
  </message>
  <message>
   <source>Secret</source>
   <translation>سري</translation>
  </message>
  <message>
   <source>Secrets are kept only until Paragone quits</source>
   <translation>لا تُحفظ الأسرار إلا حتى إنهاء Paragone</translation>
  </message>
  <message>
   <source>Section: {summary}</source>
   <translation>قسم: {summary}</translation>
  </message>
  <message>
   <source>See {folder}.</source>
   <translation>انظر ‎{folder}‎.</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>البذرة</translation>
  </message>
  <message>
   <source>Selecting turns…</source>
   <translation>يجري اختيار الأدوار…</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>إرسال</translation>
  </message>
  <message>
   <source>Send a prompt first.</source>
   <translation>اطرح سؤالًا أولًا.</translation>
  </message>
  <message>
   <source>Send another image, as PNG or JPEG, or fewer images.</source>
   <translation>أرسل صورة أخرى بصيغة PNG أو JPEG، أو صورًا أقل.</translation>
  </message>
  <message>
   <source>Send anyway</source>
   <translation>إرسال على أي حال</translation>
  </message>
  <message>
   <source>Send as a batch: half the price, within a day</source>
   <translation>إرسال كدفعة: بنصف السعر وخلال يوم</translation>
  </message>
  <message>
   <source>Send as text</source>
   <translation>إرسال كنص</translation>
  </message>
  <message>
   <source>Send part of the prompt, or attach it as a file.</source>
   <translation>أرسل جزءًا منه، أو أرفقه كملف.</translation>
  </message>
  <message>
   <source>Send the prompt again. The server starts automatically.</source>
   <translation>أرسل الموجّه مجددًا. يُشغَّل الخادم تلقائيًا.</translation>
  </message>
  <message>
   <source>Send the result of {tool} to the model</source>
   <translation>إرسال نتيجة {tool} إلى النموذج</translation>
  </message>
  <message>
   <source>Send these parameters</source>
   <translation>أرسل هذه المعاملات</translation>
  </message>
  <message>
   <source>Send these parameters?</source>
   <translation>أتُرسل هذه المعاملات؟</translation>
  </message>
  <message>
   <source>Send to {model}</source>
   <translation>إرسال إلى {model}</translation>
  </message>
  <message>
   <source>Send to {n}</source>
   <translation>إرسال إلى {n}‏</translation>
  </message>
  <message>
   <source>Sent before every prompt in this conversation.</source>
   <translation>يسبق كل موجّه في هذه المحادثة.</translation>
  </message>
  <message>
   <source>Sent by Paragone {version}</source>
   <translation>أرسله Paragone {version}</translation>
  </message>
  <message>
   <source>Sent with every request. Values that contain keys are stored in the keyring, all others in the settings file.</source>
   <translation>تُرسل مع كل طلب. ما يحمل مفتاحًا يُحفظ في حلقة المفاتيح، والباقي في ملف الإعدادات.</translation>
  </message>
  <message>
   <source>Sent with the prompt. Press Enter to open the file, Delete to remove it.</source>
   <translation>يُرسل مع الطلب. يفتحه مفتاح الإدخال، ويزيله مفتاح الحذف.</translation>
  </message>
  <message>
   <source>Sent {when} to {address}</source>
   <translation>أُرسل {when} إلى {address}</translation>
  </message>
  <message>
   <source>Sent. You will be notified when all models have responded.</source>
   <translation>أُرسل. ستُخبر حين تجيب كلها.</translation>
  </message>
  <message>
   <source>Sentences to show</source>
   <translation>الجمل المعروضة</translation>
  </message>
  <message>
   <source>Server type</source>
   <translation>نوع الخادم</translation>
  </message>
  <message>
   <source>Servers accept about 8 KB.</source>
   <translation>تقبل الخوادم نحو ٨ كيلوبايت.</translation>
  </message>
  <message>
   <source>Servers and model files that Paragone can use: Azure AI Foundry, other servers and GGUF files on this computer.</source>
   <translation>حيث تجيب النماذج: Azure AI Foundry وخوادم أخرى وملفات نماذج على هذا الحاسوب.</translation>
  </message>
  <message>
   <source>Servers: {names}</source>
   <translation>الخوادم: {names}</translation>
  </message>
  <message>
   <source>Set `max_tokens` or `max_completion_tokens` in the contender's parameters.</source>
   <translation>عيّن `max_tokens` أو `max_completion_tokens` ضمن معاملاته.</translation>
  </message>
  <message>
   <source>Set by your organization's policy {name} ({source}).</source>
   <translation>حدّدته سياسة مؤسستك ‎{name}‎ ‏(‎{source}‎).</translation>
  </message>
  <message>
   <source>Set network.ca_file to a readable PEM file, or leave it empty.</source>
   <translation>اضبط network.ca_file على ملف PEM مقروء، أو اتركه فارغًا.</translation>
  </message>
  <message>
   <source>Set “{parameter}” to another value for this model, or remove it.</source>
   <translation>اضبط «{parameter}» على قيمة أخرى لهذا النموذج، أو ألغِ ضبطه.</translation>
  </message>
  <message>
   <source>Set “{parameter}” to at most {most} for this model.</source>
   <translation>اضبط «{parameter}» على {most} على الأكثر لهذا النموذج.</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>الإعدادات</translation>
  </message>
  <message>
   <source>Settings › Network › Certificate file must be a PEM file with certificates.</source>
   <translation>يجب أن يكون الإعدادات › الشبكة › ملف الشهادات ملف PEM فيه شهادات.</translation>
  </message>
  <message>
   <source>Several conversations have IDs that begin with “{id}”.</source>
   <translation>يبدأ معرّف أكثر من محادثة بـ «{id}».</translation>
  </message>
  <message>
   <source>Several responses have IDs that begin with “{id}”.</source>
   <translation>تبدأ معرّفات أكثر من إجابة بـ«{id}».</translation>
  </message>
  <message>
   <source>Several runs have IDs that begin with “{id}”.</source>
   <translation>تبدأ عدة تشغيلات بـ «{id}».</translation>
  </message>
  <message>
   <source>Share</source>
   <translation>النسبة</translation>
  </message>
  <message>
   <source>Share results between panes</source>
   <translation>مشاركة النتائج بين اللوحات</translation>
  </message>
  <message>
   <source>Shared</source>
   <translation>مشترك</translation>
  </message>
  <message>
   <source>Short prompts</source>
   <translation>الموجّهات القصيرة</translation>
  </message>
  <message>
   <source>Shortcut for {command}</source>
   <translation>مفاتيح {command}‏</translation>
  </message>
  <message>
   <source>Shortcuts</source>
   <translation>الاختصارات</translation>
  </message>
  <message>
   <source>Shorten</source>
   <translation>تقصير</translation>
  </message>
  <message>
   <source>Shorten the preset. Nothing was changed.</source>
   <translation>اجعله أقصر؛ لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Shorten the prompt or start a new conversation.</source>
   <translation>قصّر الموجّه أو ابدأ محادثة جديدة.</translation>
  </message>
  <message>
   <source>Shortened to fit the model's context window: {parts}.</source>
   <translation>قُصّر ليناسب النموذج: {parts}.</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>إظهار</translation>
  </message>
  <message>
   <source>Show Paragone</source>
   <translation>إظهار Paragone</translation>
  </message>
  <message>
   <source>Show all</source>
   <translation>إظهار الكل</translation>
  </message>
  <message>
   <source>Show all at once</source>
   <translation>عرض الكل دفعة واحدة</translation>
  </message>
  <message>
   <source>Show all panes</source>
   <translation>إظهار كل اللوحات</translation>
  </message>
  <message>
   <source>Show all {n} columns</source>
   <translation>عرض جميع الأعمدة ({n})</translation>
  </message>
  <message>
   <source>Show archive</source>
   <translation>إظهار الأرشيف</translation>
  </message>
  <message>
   <source>Show chats</source>
   <translation>عرض محادثاتها</translation>
  </message>
  <message>
   <source>Show code…</source>
   <translation>إظهار الرمز…</translation>
  </message>
  <message>
   <source>Show connection</source>
   <translation>فتح الاتصال</translation>
  </message>
  <message>
   <source>Show fewer</source>
   <translation>عرض أقل</translation>
  </message>
  <message>
   <source>Show formatted</source>
   <translation>إظهار النص المنسَّق</translation>
  </message>
  <message>
   <source>Show log</source>
   <translation>إظهار السجل</translation>
  </message>
  <message>
   <source>Show or hide the sidebar</source>
   <translation>إظهار الشريط الجانبي أو إخفاؤه</translation>
  </message>
  <message>
   <source>Show prompt</source>
   <translation>عرض الموجّه</translation>
  </message>
  <message>
   <source>Show request</source>
   <translation>عرض الطلب</translation>
  </message>
  <message>
   <source>Show source</source>
   <translation>إظهار النص المصدر</translation>
  </message>
  <message>
   <source>Show the log of {name}</source>
   <translation>إظهار سجل {name}</translation>
  </message>
  <message>
   <source>Show the tools of {name}</source>
   <translation>إظهار أدوات {name}</translation>
  </message>
  <message>
   <source>Show trash</source>
   <translation>إظهار سلة المهملات</translation>
  </message>
  <message>
   <source>Show verdict now</source>
   <translation>عرض الحكم الآن</translation>
  </message>
  <message>
   <source>Show window</source>
   <translation>إظهار النافذة</translation>
  </message>
  <message numerus="yes">
   <source>Show {n} earlier messages</source>
   <translation>
    <numerusform>إظهار {n} رسالة سابقة</numerusform>
    <numerusform>إظهار رسالة سابقة واحدة</numerusform>
    <numerusform>إظهار رسالتين سابقتين</numerusform>
    <numerusform>إظهار {n} رسائل سابقة</numerusform>
    <numerusform>إظهار {n} رسالة سابقة</numerusform>
    <numerusform>إظهار {n} رسالة سابقة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Show {n} more</source>
   <translation>
    <numerusform>إظهار المزيد</numerusform>
    <numerusform>إظهار واحدة أخرى</numerusform>
    <numerusform>إظهار اثنتين أخريين</numerusform>
    <numerusform>إظهار {n} أخرى</numerusform>
    <numerusform>إظهار {n} أخرى</numerusform>
    <numerusform>إظهار {n} أخرى</numerusform>
   </translation>
  </message>
  <message>
   <source>Shows an icon in the system tray. Paragone then keeps running when you close its last window.</source>
   <translation>يعرض أيقونة في علبة النظام. يستمر Paragone عندئذٍ في العمل عند إغلاق نافذته الأخيرة.</translation>
  </message>
  <message>
   <source>Shows or minimizes Paragone from any program. Windows uses Ctrl+Alt+P; on Linux, the desktop asks you for a shortcut. Not on macOS.</source>
   <translation>يُظهر Paragone أو يصغّره من أي برنامج. يُستخدم Ctrl+Alt+P في Windows؛ وفي Linux يسألك سطح المكتب عن اختصار. غير متاح في macOS.</translation>
  </message>
  <message>
   <source>Side by side</source>
   <translation>جنبًا إلى جنب</translation>
  </message>
  <message>
   <source>Sign in</source>
   <translation>تسجيل الدخول</translation>
  </message>
  <message>
   <source>Sign in again to get a new code.</source>
   <translation>سجّل الدخول مرة أخرى للحصول على رمز جديد.</translation>
  </message>
  <message>
   <source>Sign in again, or remove the connection “{name}”.</source>
   <translation>سجّل الدخول مجددًا، أو أزل الاتصال «{name}».</translation>
  </message>
  <message>
   <source>Sign in again. `connections remove {name}` deletes the old sign-in.</source>
   <translation>سجّل الدخول مجددًا؛ ويُنسيه ‎`connections remove {name}`‎.</translation>
  </message>
  <message>
   <source>Sign in at {host} in your browser. Paragone then continues automatically.</source>
   <translation>سجّل الدخول في المتصفح، في {host}. يتابع Paragone تلقائيًا.</translation>
  </message>
  <message>
   <source>Sign in at {name}</source>
   <translation>تسجيل الدخول إلى {name}</translation>
  </message>
  <message>
   <source>Sign in to {name}</source>
   <translation>تسجيل الدخول إلى {name}</translation>
  </message>
  <message>
   <source>Sign in under Settings › Connections.</source>
   <translation>سجّل الدخول: الإعدادات › الاتصالات.</translation>
  </message>
  <message>
   <source>Sign in using the browser window that opens.</source>
   <translation>سجّل الدخول في المتصفح الذي يُفتح.</translation>
  </message>
  <message>
   <source>Sign in with</source>
   <translation>تسجيل الدخول باستخدام</translation>
  </message>
  <message>
   <source>Sign in with Entra ID instead, in the connection's settings.</source>
   <translation>اجعل الاتصال يسجّل الدخول بـ Entra ID بدلًا من ذلك، في إعداداته.</translation>
  </message>
  <message>
   <source>Sign in with Entra ID instead: in the connection's settings or with `connections add --auth entra`.</source>
   <translation>اجعل الاتصال يسجّل الدخول بـ Entra ID بدلًا من ذلك، في إعداداته أو بالأمر `connections add --auth entra`.</translation>
  </message>
  <message>
   <source>Sign in with a code instead (--device-code).</source>
   <translation>سجّل الدخول برمز بدلًا من ذلك (‎--device-code).</translation>
  </message>
  <message>
   <source>Sign in with a code instead.</source>
   <translation>سجّل الدخول برمز بدلًا من ذلك.</translation>
  </message>
  <message>
   <source>Sign in with the browser instead of a code, on a device that your organization manages, or ask your administrator.</source>
   <translation>سجّل الدخول بالمتصفح بدلًا من الرمز، على جهاز تديره مؤسستك؛ أو اسأل المسؤول.</translation>
  </message>
  <message>
   <source>Sign in: Settings › Connections, or `connections sign-in NAME` in a terminal.</source>
   <translation>سجّل الدخول: الإعدادات ‹ الاتصالات، أو `connections sign-in NAME` في الطرفية.</translation>
  </message>
  <message>
   <source>Sign in: Settings › Tools, or `tools sign-in {server}` in a terminal.</source>
   <translation>سجّل الدخول: الإعدادات › الأدوات، أو ‎`tools sign-in {server}`‎ في طرفية.</translation>
  </message>
  <message>
   <source>Sign in: paragone tools sign-in {name}</source>
   <translation>سجّل الدخول: ‎paragone tools sign-in {name}‎</translation>
  </message>
  <message>
   <source>Sign in…</source>
   <translation>تسجيل الدخول…</translation>
  </message>
  <message>
   <source>Sign out</source>
   <translation>تسجيل الخروج</translation>
  </message>
  <message>
   <source>Sign out from {name}</source>
   <translation>تسجيل الخروج من {name}</translation>
  </message>
  <message>
   <source>Sign out of {name}</source>
   <translation>تسجيل الخروج من {name}</translation>
  </message>
  <message>
   <source>Sign out, then sign in with an account in the resource's tenant.</source>
   <translation>سجّل الخروج ثم الدخول مجددًا بحساب من المستأجر الذي يتبعه المورد.</translation>
  </message>
  <message>
   <source>Sign-in (OAuth)</source>
   <translation>تسجيل الدخول (OAuth)</translation>
  </message>
  <message>
   <source>Sign-in at {server}</source>
   <translation>تسجيل الدخول إلى {server}</translation>
  </message>
  <message>
   <source>Sign-in required</source>
   <translation>تسجيل الدخول مطلوب</translation>
  </message>
  <message>
   <source>Sign-in server</source>
   <translation>خادم تسجيل الدخول</translation>
  </message>
  <message>
   <source>Signal</source>
   <translation>المؤشر</translation>
  </message>
  <message>
   <source>Signed in</source>
   <translation>تم تسجيل الدخول</translation>
  </message>
  <message>
   <source>Signed in as {name}</source>
   <translation>تم تسجيل الدخول باسم {name}</translation>
  </message>
  <message numerus="yes">
   <source>Signed in. The server has {n} tools.</source>
   <translation>
    <numerusform>تم تسجيل الدخول. لدى الخادم {n} أداة.</numerusform>
    <numerusform>تم تسجيل الدخول. لدى الخادم أداة واحدة.</numerusform>
    <numerusform>تم تسجيل الدخول. لدى الخادم أداتان.</numerusform>
    <numerusform>تم تسجيل الدخول. لدى الخادم {n} أدوات.</numerusform>
    <numerusform>تم تسجيل الدخول. لدى الخادم {n} أداة.</numerusform>
    <numerusform>تم تسجيل الدخول. لدى الخادم {n} أداة.</numerusform>
   </translation>
  </message>
  <message>
   <source>Signed out of the account {name} and all connections that used it.</source>
   <translation>سُجّل خروج {name} من جميع الاتصالات التي استخدمت الحساب.</translation>
  </message>
  <message>
   <source>Signed out.</source>
   <translation>تم تسجيل الخروج.</translation>
  </message>
  <message>
   <source>Simplify the file manually, or move it to another folder. Nothing was changed.</source>
   <translation>بسّطه يدويًا أو ضعه جانبًا؛ لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>Since a day</source>
   <translation>منذ تاريخ معيّن</translation>
  </message>
  <message>
   <source>Size</source>
   <translation>الحجم</translation>
  </message>
  <message>
   <source>Size of text and controls, in addition to system scaling.</source>
   <translation>حجم النص وعناصر التحكم، إضافة إلى ما يضبطه النظام للشاشة.</translation>
  </message>
  <message>
   <source>Skip</source>
   <translation>تخطٍّ</translation>
  </message>
  <message>
   <source>Smaller</source>
   <translation>أصغر</translation>
  </message>
  <message>
   <source>Smaller text</source>
   <translation>نص أصغر</translation>
  </message>
  <message>
   <source>Social post</source>
   <translation>منشور اجتماعي</translation>
  </message>
  <message>
   <source>Sources</source>
   <translation>المصادر</translation>
  </message>
  <message>
   <source>Sources missing</source>
   <translation>المصادر مفقودة</translation>
  </message>
  <message>
   <source>Spanish</source>
   <translation>الإسبانية</translation>
  </message>
  <message>
   <source>Specify a file.</source>
   <translation>اذكر اسم ملف.</translation>
  </message>
  <message>
   <source>Specify a model with --model or under `contenders`.</source>
   <translation>سمِّ واحدًا بـ ‎--model أو تحت `contenders`.</translation>
  </message>
  <message>
   <source>Specify one of this connection's models to test.</source>
   <translation>اذكر اسم نموذج من هذا الاتصال لتجربته.</translation>
  </message>
  <message>
   <source>Spelling</source>
   <translation>الإملاء</translation>
  </message>
  <message>
   <source>Spelling is not checked</source>
   <translation>لا يجري التدقيق الإملائي</translation>
  </message>
  <message>
   <source>Spelling languages</source>
   <translation>لغات التدقيق الإملائي</translation>
  </message>
  <message>
   <source>Spending could not be read from {path}: {reason}.</source>
   <translation>لا يمكن قراءة ما أُنفق من ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>Spending could not be saved to {path}: {reason}.</source>
   <translation>لا يمكن كتابة ما أُنفق في ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>Stacked</source>
   <translation>واحدة تحت الأخرى</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>بدء</translation>
  </message>
  <message>
   <source>Start Paragone again to check the database. If it is damaged, Paragone moves it and recovers what can be read.</source>
   <translation>ابدأ مجددًا: تُفحص وتُنحّى جانبًا.</translation>
  </message>
  <message>
   <source>Start a new conversation, shorten the prompt, or choose a model with a larger context window.</source>
   <translation>ابدأ محادثة جديدة أو قصّر الموجّه، أو اختر نموذجًا ذا نافذة سياق أكبر.</translation>
  </message>
  <message>
   <source>Start a new run instead of resuming this one.</source>
   <translation>ابدأ تشغيلًا جديدًا بدلًا من متابعة هذا.</translation>
  </message>
  <message>
   <source>Start replay</source>
   <translation>بدء إعادة التشغيل</translation>
  </message>
  <message>
   <source>Start without history</source>
   <translation>ابدأ فارغًا</translation>
  </message>
  <message numerus="yes">
   <source>Started in {s} s with {n} tools.</source>
   <translation>
    <numerusform>بدأ خلال {s} ث من دون أدوات ({n}).</numerusform>
    <numerusform>بدأ خلال {s} ث بأداة واحدة.</numerusform>
    <numerusform>بدأ خلال {s} ث بأداتين.</numerusform>
    <numerusform>بدأ خلال {s} ث بـ {n} أدوات.</numerusform>
    <numerusform>بدأ خلال {s} ث بـ {n} أداة.</numerusform>
    <numerusform>بدأ خلال {s} ث بـ {n} أداة.</numerusform>
   </translation>
  </message>
  <message>
   <source>Starting…</source>
   <translation>يبدأ…</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>إيقاف</translation>
  </message>
  <message>
   <source>Stop all</source>
   <translation>إيقاف الكل</translation>
  </message>
  <message>
   <source>Stop and quit</source>
   <translation>إيقاف وإنهاء</translation>
  </message>
  <message>
   <source>Stop reading</source>
   <translation>إيقاف القراءة</translation>
  </message>
  <message>
   <source>Stop response</source>
   <translation>إيقاف الإجابة</translation>
  </message>
  <message>
   <source>Stop responses</source>
   <translation>إيقاف الإجابات</translation>
  </message>
  <message>
   <source>Stop sequences</source>
   <translation>التوقف عند</translation>
  </message>
  <message>
   <source>Stop testing {name}</source>
   <translation>أوقف اختبار {name}</translation>
  </message>
  <message>
   <source>Stop the response, or wait until it is complete.</source>
   <translation>أوقفه أولًا، أو انتظر.</translation>
  </message>
  <message>
   <source>Stop the run where it was started, or wait until it finishes.</source>
   <translation>أوقِفه هناك أولًا، أو انتظر حتى ينتهي.</translation>
  </message>
  <message>
   <source>Stop this response</source>
   <translation>إيقاف هذا الرد</translation>
  </message>
  <message numerus="yes">
   <source>Stopped after {n} conversations</source>
   <translation>
    <numerusform>أُوقف بعد {n} محادثة</numerusform>
    <numerusform>أُوقف بعد محادثة واحدة</numerusform>
    <numerusform>أُوقف بعد محادثتين</numerusform>
    <numerusform>أُوقف بعد {n} محادثات</numerusform>
    <numerusform>أُوقف بعد {n} محادثة</numerusform>
    <numerusform>أُوقف بعد {n} محادثة</numerusform>
   </translation>
  </message>
  <message>
   <source>Stopped.</source>
   <translation>أُوقف.</translation>
  </message>
  <message>
   <source>Stopped: nothing was compared.</source>
   <translation>توقّف: لم تُقارن أي إجابة.</translation>
  </message>
  <message>
   <source>Stopped: {conversations} imported</source>
   <translation>أُوقف، وما استُورد: {conversations}‏</translation>
  </message>
  <message>
   <source>Storage</source>
   <translation>التخزين</translation>
  </message>
  <message>
   <source>Storage folder data settings cache logs backups restore move free space disk encryption recovery code</source>
   <translation>التخزين تخزين مجلد بيانات إعدادات ذاكرة مخبئية سجلات نسخ احتياطية استعادة نقل مساحة خالية قرص تشفير رمز استرداد</translation>
  </message>
  <message>
   <source>Struck through: only in the first response. Underlined: only in the new one.</source>
   <translation>المشطوب: في الإجابة الأولى وحدها. المسطّر: في الجديدة وحدها.</translation>
  </message>
  <message>
   <source>Structured result</source>
   <translation>نتيجة مهيكلة</translation>
  </message>
  <message>
   <source>Subscribe to the service, or choose another model.</source>
   <translation>اشترك هناك، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Successor</source>
   <translation>البديل</translation>
  </message>
  <message>
   <source>Successor {number}</source>
   <translation>البديل {number}</translation>
  </message>
  <message>
   <source>Successors</source>
   <translation>البدائل</translation>
  </message>
  <message>
   <source>Suite</source>
   <translation>مجموعة الاختبار</translation>
  </message>
  <message>
   <source>Suite as text</source>
   <translation>مجموعة الاختبار كنص</translation>
  </message>
  <message>
   <source>Suite name</source>
   <translation>اسم مجموعة الاختبار</translation>
  </message>
  <message>
   <source>Suites (*.yaml *.yml *.toml *.json)</source>
   <translation>مجموعات اختبار (*.yaml *.yml *.toml *.json)</translation>
  </message>
  <message>
   <source>Suites (*.yaml)</source>
   <translation>مجموعات اختبار (*.yaml)</translation>
  </message>
  <message>
   <source>Summaries created only for the model are left out</source>
   <translation>تُترك الملخصات التي أعدّها برنامج للنموذج وحده</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>ملخص</translation>
  </message>
  <message>
   <source>Support file without keys, prompts or responses</source>
   <translation>ملف للدعم الفني: بلا مفاتيح ولا موجّهات ولا إجابات</translation>
  </message>
  <message>
   <source>Support replies</source>
   <translation>ردود الدعم</translation>
  </message>
  <message>
   <source>Supported extensions: {endings}.</source>
   <translation>يمكن أن ينتهي بـ: {endings}.</translation>
  </message>
  <message>
   <source>Swapping the two responses changed the verdict for {share}% of the pairs (95% CI {low}–{high}%).</source>
   <translation>غيّر تبديل موضعي الإجابتين ما قاله في {share} % من الأزواج ({low} إلى {high} %).</translation>
  </message>
  <message>
   <source>Swedish</source>
   <translation>السويدية</translation>
  </message>
  <message>
   <source>System</source>
   <translation>مثل النظام</translation>
  </message>
  <message>
   <source>System fingerprint: {fingerprint}</source>
   <translation>حالة الخادم: {fingerprint}</translation>
  </message>
  <message>
   <source>System messages in the middle of a conversation are left out</source>
   <translation>تُترك رسائل النظام التي في وسط المحادثة</translation>
  </message>
  <message>
   <source>System prompt</source>
   <translation>موجّه النظام</translation>
  </message>
  <message>
   <source>System prompt and parameters stay the same.</source>
   <translation>موجّه النظام والمعاملات هي نفسها كل مرة.</translation>
  </message>
  <message>
   <source>System prompt from settings</source>
   <translation>موجّه النظام من الإعدادات</translation>
  </message>
  <message>
   <source>System prompts that differ or contain variables were prepended to the prompts that use them.</source>
   <translation>موجِّهات النظام المختلفة أو التي تذكر متغيرات توضع قبل موجِّهها.</translation>
  </message>
  <message>
   <source>System prompt…</source>
   <translation>موجّه النظام…</translation>
  </message>
  <message>
   <source>TTFT</source>
   <translation>للبدء</translation>
  </message>
  <message>
   <source>TTFT (ms)</source>
   <translation>أول رمز (م.ث)</translation>
  </message>
  <message>
   <source>TTFT for {model}</source>
   <translation>أول رمز من ‎{model}‎‏</translation>
  </message>
  <message>
   <source>TTFT for {model} using the Messages API</source>
   <translation>أول رمز من {model} عبر Messages</translation>
  </message>
  <message>
   <source>TTFT for {model} using the Responses API</source>
   <translation>أول رمز من {model} عبر Responses</translation>
  </message>
  <message>
   <source>TTFT over the Messages API</source>
   <translation>أول رمز عبر Messages</translation>
  </message>
  <message>
   <source>TTFT over the Responses API</source>
   <translation>أول رمز عبر Responses</translation>
  </message>
  <message>
   <source>TTFT p50</source>
   <translation>أول رمز p50</translation>
  </message>
  <message>
   <source>TTFT p50 / p95</source>
   <translation>أول رمز ‎p50 / p95‎</translation>
  </message>
  <message>
   <source>TTFT p95</source>
   <translation>أول رمز p95</translation>
  </message>
  <message>
   <source>TTFT timeout</source>
   <translation>مهلة أول رمز</translation>
  </message>
  <message>
   <source>TTFT {time}</source>
   <translation>{time} حتى أول رمز</translation>
  </message>
  <message>
   <source>Table</source>
   <translation>جدول</translation>
  </message>
  <message>
   <source>Table missing</source>
   <translation>الجدول مفقود</translation>
  </message>
  <message>
   <source>Table saved to {path}.</source>
   <translation>حُفظ الجدول في {path}.</translation>
  </message>
  <message>
   <source>Table, {rows}, {columns}</source>
   <translation>جدول، {rows}، {columns}</translation>
  </message>
  <message>
   <source>Tables (*.csv *.tsv *.txt)</source>
   <translation>جداول (*.csv *.tsv *.txt)</translation>
  </message>
  <message>
   <source>Tag</source>
   <translation>وسم</translation>
  </message>
  <message>
   <source>Tag {tag} (exploratory): {said}</source>
   <translation>الوسم {tag} (استكشافي): {said}</translation>
  </message>
  <message>
   <source>Tag {tag}: {said}</source>
   <translation>الوسم {tag}: {said}</translation>
  </message>
  <message>
   <source>Tag “{tag}”</source>
   <translation>الوسم «{tag}»</translation>
  </message>
  <message>
   <source>Tags</source>
   <translation>الوسوم</translation>
  </message>
  <message>
   <source>Tags for this vote</source>
   <translation>وسوم هذا الصوت</translation>
  </message>
  <message>
   <source>Tags not listed under `tags` in the suite are exploratory: confirm what they show on new cases.</source>
   <translation>الوسوم التي لم تذكرها المجموعة مخططًا لها استكشافية: ما تُظهره ينبغي اختباره على حالات جديدة.</translation>
  </message>
  <message>
   <source>Tags such as “{tag}” are not supported.</source>
   <translation>لا تُقرأ وسوم مثل «{tag}».</translation>
  </message>
  <message>
   <source>Tags, such as: translation, code</source>
   <translation>وسوم، مثل: ترجمة، برمجة</translation>
  </message>
  <message>
   <source>Tags…</source>
   <translation>الوسوم…</translation>
  </message>
  <message>
   <source>Task</source>
   <translation>المطلوب منها</translation>
  </message>
  <message>
   <source>Temperature</source>
   <translation>الحرارة</translation>
  </message>
  <message>
   <source>Temporary chat</source>
   <translation>محادثة مؤقتة</translation>
  </message>
  <message>
   <source>Temporary chat with {model}</source>
   <translation>محادثة مؤقتة مع {model}</translation>
  </message>
  <message>
   <source>Temporary comparison</source>
   <translation>مقارنة مؤقتة</translation>
  </message>
  <message>
   <source>Temporary: {title}</source>
   <translation>مؤقتة: {title}</translation>
  </message>
  <message>
   <source>Tenant</source>
   <translation>المستأجر</translation>
  </message>
  <message>
   <source>Test</source>
   <translation>اختبار</translation>
  </message>
  <message>
   <source>Test it: paragone tools test {name}</source>
   <translation>اختبره: ‎paragone tools test {name}‎</translation>
  </message>
  <message>
   <source>Test {name}</source>
   <translation>اختبار ‎{name}‎‏</translation>
  </message>
  <message>
   <source>Text</source>
   <translation>النص</translation>
  </message>
  <message>
   <source>Text in the title</source>
   <translation>نص في العنوان</translation>
  </message>
  <message>
   <source>Text of {name}</source>
   <translation>نص {name}</translation>
  </message>
  <message>
   <source>Text sequences that end the response.</source>
   <translation>نصوص تنتهي عندها الإجابة.</translation>
  </message>
  <message>
   <source>Text to read and edit, with attached files in a folder next to it.</source>
   <translation>نص للقراءة والتحرير، والملفات المرفقة في مجلد بجانبه.</translation>
  </message>
  <message>
   <source>Text width</source>
   <translation>عرض النص</translation>
  </message>
  <message>
   <source>Thai</source>
   <translation>التايلاندية</translation>
  </message>
  <message>
   <source>The CA file {file} is not readable.</source>
   <translation>لا يمكن قراءة ملف الشهادات ‎{file}‎.</translation>
  </message>
  <message>
   <source>The Entra ID sign-in server. National clouds have their own servers.</source>
   <translation>حيث يسجّل Entra ID الدخول؛ للسحابات الوطنية خوادم خاصة بها.</translation>
  </message>
  <message>
   <source>The ID “{id}” already exists.</source>
   <translation>المعرّف «{id}» مستخدم بالفعل.</translation>
  </message>
  <message>
   <source>The JSON Schema is invalid: {reason}</source>
   <translation>‏JSON Schema غير صالح: {reason}</translation>
  </message>
  <message>
   <source>The JSON contains a number that is too long.</source>
   <translation>يحتوي على رقم أطول من اللازم.</translation>
  </message>
  <message>
   <source>The JSON contains more than {most} entries.</source>
   <translation>يحتوي على أكثر من {most} مُدخل.</translation>
  </message>
  <message>
   <source>The JSON contains too many small values.</source>
   <translation>يتكوّن من قطع صغيرة كثيرة جدًا.</translation>
  </message>
  <message>
   <source>The JSON is nested too deeply.</source>
   <translation>متداخل أكثر من اللازم.</translation>
  </message>
  <message>
   <source>The JSON of the response is nested too deeply.</source>
   <translation>‏JSON الإجابة متداخل بعمق زائد.</translation>
  </message>
  <message>
   <source>The account does not belong to this tenant{said}</source>
   <translation>لا ينتمي الحساب إلى هذا المستأجر{said}</translation>
  </message>
  <message>
   <source>The account has no quota for this request at {host} ({status}){said}</source>
   <translation>ليس للحساب لدى {host} أي حصة لهذا ({status}){said}</translation>
  </message>
  <message>
   <source>The account that {host} charges has no credit left ({status}){said}</source>
   <translation>نفد رصيد الحساب الذي يخصم منه {host} ({status}){said}</translation>
  </message>
  <message>
   <source>The account's limit at {host} has been reached ({status}){said}</source>
   <translation>بُلغ الحد الذي ضُبط للحساب لدى {host} ({status}){said}</translation>
  </message>
  <message>
   <source>The address contains a key and is stored in the settings file.</source>
   <translation>يحمل العنوان مفتاحًا، وهو في ملف الإعدادات.</translation>
  </message>
  <message>
   <source>The address contains a space or a character that is not allowed in addresses.</source>
   <translation>يحتوي العنوان على مسافة أو محرف لا يصلح في العناوين.</translation>
  </message>
  <message>
   <source>The address contains a user name. Enter keys in the key field.</source>
   <translation>يحتوي العنوان على اسم مستخدم؛ مكان المفاتيح حقل المفتاح.</translation>
  </message>
  <message>
   <source>The address has no host name, or its port is not a number.</source>
   <translation>لا يسمّي العنوان مضيفًا، أو أن منفذه ليس رقمًا.</translation>
  </message>
  <message>
   <source>The address is empty.</source>
   <translation>العنوان فارغ.</translation>
  </message>
  <message>
   <source>The address looks like a key.</source>
   <translation>يبدو العنوان كأنه مفتاح.</translation>
  </message>
  <message>
   <source>The address may lead to a sign-in page or a proxy. Check it in the connection's settings.</source>
   <translation>قد يؤدي العنوان إلى صفحة تسجيل دخول أو وكيل؛ تحقّق منه في إعدادات الاتصال.</translation>
  </message>
  <message>
   <source>The address must begin with https:, except on this computer.</source>
   <translation>يجب أن يبدأ العنوان بـ ‎https:‎، إلا على هذا الحاسوب.</translation>
  </message>
  <message>
   <source>The address must begin with https://, not {scheme}://.</source>
   <translation>يجب أن يبدأ العنوان بـ ‎https://‎ لا ‎{scheme}://‎.</translation>
  </message>
  <message>
   <source>The address must begin with https://.</source>
   <translation>يجب أن يبدأ العنوان بـ ‎https://‎.</translation>
  </message>
  <message>
   <source>The address of the connection “{name}” in {source} could not be used: {reason}.</source>
   <translation>لا يمكن استخدام عنوان الاتصال «{name}» في ‎{source}‎: {reason}.</translation>
  </message>
  <message>
   <source>The address of the tool server “{server}” is not secure.</source>
   <translation>عنوان خادم الأدوات «{server}» غير آمن.</translation>
  </message>
  <message>
   <source>The address of the update file must begin with https://.</source>
   <translation>يجب أن يبدأ عنوان ملف التحديثات بـ https://.</translation>
  </message>
  <message>
   <source>The address was kept as typed. Paragone corrects it when connecting.</source>
   <translation>كما كُتب؛ ويُصحَّح عند استخدامه.</translation>
  </message>
  <message>
   <source>The answer has no text.</source>
   <translation>لا نص في الإجابة.</translation>
  </message>
  <message>
   <source>The answer is sent to this server. Do not enter passwords or keys.</source>
   <translation>تُرسل الإجابة إلى هذا الخادم. لا تُدخل كلمات مرور أو مفاتيح.</translation>
  </message>
  <message>
   <source>The answer shown first won {part} of {whole} decided pairs ({interval}).</source>
   <translation>فازت الإجابة المعروضة أولًا في {part} من {whole} من الأزواج المحسومة ({interval}).</translation>
  </message>
  <message>
   <source>The application that Paragone uses to sign in to Entra ID: one registered by your organization, or Microsoft's own application for developers.</source>
   <translation>التطبيق الذي يسجّل Paragone الدخول إلى Entra ID باسمه: الذي سجّلته مؤسستك، أو تطبيق Microsoft المخصص للمطورين.</translation>
  </message>
  <message>
   <source>The application that Paragone uses to sign in was rejected{said}</source>
   <translation>رُفض التطبيق الذي يسجّل Paragone الدخول باسمه{said}</translation>
  </message>
  <message>
   <source>The arguments are not valid JSON: {reason}.</source>
   <translation>الوسائط ليست JSON صالحًا: {reason}.</translation>
  </message>
  <message>
   <source>The arguments for the tool server “{server}” are not a JSON object.</source>
   <translation>الوسائط لخادم الأدوات «{server}» ليست كائن JSON.</translation>
  </message>
  <message>
   <source>The arguments must be a JSON object.</source>
   <translation>يجب أن تكون الوسائط كائن JSON.</translation>
  </message>
  <message>
   <source>The arguments of “{tool}” are longer than 4 MB.</source>
   <translation>وسائط «{tool}» أطول من 4 MB.</translation>
  </message>
  <message>
   <source>The arguments seem to contain {what}.</source>
   <translation>يبدو أن الوسائط تحتوي على {what}.</translation>
  </message>
  <message>
   <source>The assertion contains a number that is not valid JSON.</source>
   <translation>فيه عدد لا تعرفه JSON.</translation>
  </message>
  <message>
   <source>The assertions in a set are counted individually.</source>
   <translation>توكيدات المجموعة تقف كل منها وحدها.</translation>
  </message>
  <message>
   <source>The attached files are larger than {most} MB in total.</source>
   <translation>يتجاوز حجم الملفات المرفقة معًا {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The attached files in {path} are damaged.</source>
   <translation>الملفات المرفقة في {path} تالفة.</translation>
  </message>
  <message>
   <source>The attached files were damaged and were moved to {place}. Readable files are restored.</source>
   <translation>كانت الملفات المرفقة تالفة، فوُضعت كاملةً جانبًا في {place}. وتعود الملفات التي يمكن قراءتها.</translation>
  </message>
  <message>
   <source>The available model is {name}.</source>
   <translation>نموذجها ‎{name}‎.</translation>
  </message>
  <message>
   <source>The backup has the same contents: nothing would change.</source>
   <translation>يحتوي على ما هو موجود الآن: لن يتغيّر شيء.</translation>
  </message>
  <message>
   <source>The backup was restored. The previous database is in {folder}.</source>
   <translation>النسخة الاحتياطية في مكانها. وما كان هناك من قبل موجود في ‎{folder}‎.</translation>
  </message>
  <message>
   <source>The backup {path} could not be read and was left unchanged.</source>
   <translation>تتعذّر قراءة النسخة الاحتياطية {path}، وتبقى كما هي.</translation>
  </message>
  <message>
   <source>The backup {path} is damaged and remains encrypted with its old key.</source>
   <translation>النسخة الاحتياطية {path} تالفة، وتبقى مشفّرة بمفتاحها القديم.</translation>
  </message>
  <message>
   <source>The backup {path} is damaged and was overwritten so that no unencrypted text remains.</source>
   <translation>النسخة الاحتياطية {path} تالفة: كُتب فوقها كي لا يبقى نص غير مشفّر.</translation>
  </message>
  <message>
   <source>The band needs at least {n} responses on a day.</source>
   <translation>يحتاج النطاق إلى {n} إجابة على الأقل في اليوم.</translation>
  </message>
  <message>
   <source>The batch ended without returning this response.</source>
   <translation>انتهت الدفعة من دون هذه الإجابة.</translation>
  </message>
  <message>
   <source>The batch expired before this request was processed.</source>
   <translation>انتهى وقت الدفعة قبل الإجابة عن هذا.</translation>
  </message>
  <message>
   <source>The batch may cost up to {most} USD, but only {left} USD of this month's budget is left. Nothing was sent.</source>
   <translation>قد تكلّف الدفعة {most} دولارًا أمريكيًا، وبقي من ميزانية هذا الشهر {left} دولار: لم يُرسل شيء.</translation>
  </message>
  <message>
   <source>The batch may cost up to {most} USD, but the run's cap is {cap} USD. Nothing was sent.</source>
   <translation>قد تكلّف الدفعة {most} دولارًا أمريكيًا، والحدّ الأعلى للتشغيل {cap} دولار: لم يُرسل شيء.</translation>
  </message>
  <message>
   <source>The batch returned no response: {said}</source>
   <translation>لم تُعطِ الدفعة إجابة: {said}</translation>
  </message>
  <message>
   <source>The catalog file {file} cannot be used: {reason}.</source>
   <translation>لا يمكن استخدام ملف الفهرس ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>The certificate file {ca_file} could not be used: {value}.</source>
   <translation>لا يمكن استخدام ملف الشهادات ‎{ca_file}‎: {value}.</translation>
  </message>
  <message>
   <source>The certificate for {host} has been revoked.</source>
   <translation>أُبطلت شهادة ‎{host}‎.</translation>
  </message>
  <message>
   <source>The certificate for {host} has expired.</source>
   <translation>انتهت صلاحية شهادة ‎{host}‎.</translation>
  </message>
  <message>
   <source>The certificate for {host} is not valid yet.</source>
   <translation>لم تصبح شهادة ‎{host}‎ صالحة بعد.</translation>
  </message>
  <message>
   <source>The certificate for {host} is self-signed.</source>
   <translation>شهادة ‎{host}‎ موقّعة من نفسها فقط.</translation>
  </message>
  <message>
   <source>The certificate for {host} was issued by an authority that this computer does not trust.</source>
   <translation>شهادة ‎{host}‎ صادرة عن جهة لا يثق بها هذا الحاسوب.</translation>
  </message>
  <message>
   <source>The certificate for {host} was rejected: {reason}.</source>
   <translation>رُفضت شهادة ‎{host}‎: {reason}.</translation>
  </message>
  <message>
   <source>The certificate for {name} expires on {day}.</source>
   <translation>تنتهي شهادة ‎{name}‎ في {day}.</translation>
  </message>
  <message>
   <source>The change would make {path} larger than {most}, and Paragone could no longer read the file.</source>
   <translation>بهذا سيكون ‎{path}‎ أكبر من {most} ولن يُقرأ بعد ذلك.</translation>
  </message>
  <message>
   <source>The check failed: {reason}.</source>
   <translation>تعذر الحكم بالمطابقة: {reason}.</translation>
  </message>
  <message>
   <source>The check timed out.</source>
   <translation>تعذر الحكم بالمطابقة في الوقت المتاح.</translation>
  </message>
  <message>
   <source>The choices are listed after the question, with letters.</source>
   <translation>تُدرج الخيارات بعد السؤال بحروف.</translation>
  </message>
  <message>
   <source>The code has expired.</source>
   <translation>لم يُستخدم الرمز في الوقت المحدد.</translation>
  </message>
  <message>
   <source>The column map does not say which column is the input.</source>
   <translation>لا يحدد تعيين الأعمدة أي عمود هو المدخل.</translation>
  </message>
  <message>
   <source>The command is empty.</source>
   <translation>الأمر فارغ.</translation>
  </message>
  <message>
   <source>The command, the address or the environment is another one.</source>
   <translation>الأمر أو العنوان أو البيئة غير ما كانت عليه.</translation>
  </message>
  <message>
   <source>The comparison is larger than {most} MB.</source>
   <translation>المقارنة أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The computer may be out of memory. Close other programs, then try again.</source>
   <translation>ربما نفدت الذاكرة: أغلق برامج أخرى، ثم اسأل من جديد.</translation>
  </message>
  <message>
   <source>The configuration contains no tool servers.</source>
   <translation>لا تحتوي الإعدادات على خوادم أدوات.</translation>
  </message>
  <message>
   <source>The configuration is not valid JSON: {reason}.</source>
   <translation>الإعدادات ليست JSON صالحًا: {reason}.</translation>
  </message>
  <message>
   <source>The configuration is too large.</source>
   <translation>الإعدادات أكبر من اللازم.</translation>
  </message>
  <message>
   <source>The connection is not encrypted.</source>
   <translation>الطريق إلى هناك غير مشفّر.</translation>
  </message>
  <message>
   <source>The connection through the proxy {proxy} was closed before {host} responded.</source>
   <translation>أُغلق الطريق عبر الوكيل ‎{proxy}‎ قبل أن يجيب ‎{host}‎.</translation>
  </message>
  <message>
   <source>The connection to {host} has no credentials.</source>
   <translation>الاتصال بـ ‎{host}‎ لا يسجّل الدخول بأي مفتاح.</translation>
  </message>
  <message>
   <source>The connection to {host} was closed.</source>
   <translation>أُغلق الاتصال بـ ‎{host}‎.</translation>
  </message>
  <message>
   <source>The connection to {host} was lost in the middle of the response.</source>
   <translation>انقطع الاتصال بـ ‎{host}‎ في منتصف الإجابة.</translation>
  </message>
  <message>
   <source>The connection “{connection}” has no key.</source>
   <translation>لا يوجد مفتاح للاتصال «‎{connection}‎».</translation>
  </message>
  <message>
   <source>The connection “{name}” has no key.</source>
   <translation>ليس للاتصال «‎{name}‎» مفتاح.</translation>
  </message>
  <message>
   <source>The connection “{name}” in {source} could not be used: {reason}.</source>
   <translation>لا يمكن استخدام الاتصال «‎{name}‎» في ‎{source}‎: {reason}.</translation>
  </message>
  <message>
   <source>The connection “{name}” is added.</source>
   <translation>يُضاف الاتصال «‎{name}‎».</translation>
  </message>
  <message>
   <source>The connection “{name}” is not provided by your organization.</source>
   <translation>الاتصال «‎{name}‎» ليس من اتصالات مؤسستك.</translation>
  </message>
  <message>
   <source>The connection “{name}” no longer works: {reason}</source>
   <translation>لم يعد الاتصال «‎{name}‎» يعمل: {reason}</translation>
  </message>
  <message>
   <source>The connection's address changed: {then} before, {now} now.</source>
   <translation>يقود الاتصال إلى مكان آخر: {then} حينها، {now} الآن.</translation>
  </message>
  <message>
   <source>The connection's name looks like a key.</source>
   <translation>يبدو اسم أحد الاتصالات كأنه مفتاح.</translation>
  </message>
  <message>
   <source>The content filter flagged the prompt: {words}.</source>
   <translation>وسم مرشّح المحتوى الرسالة: {words}.</translation>
  </message>
  <message>
   <source>The content filter flagged the response: {words}.</source>
   <translation>وسم مرشّح المحتوى الإجابة: {words}.</translation>
  </message>
  <message>
   <source>The content filter rejected the prompt: {words}.</source>
   <translation>رفض مرشّح المحتوى الموجّه: {words}.</translation>
  </message>
  <message>
   <source>The content filter rejected the prompt{said}</source>
   <translation>رفض مرشّح المحتوى الطلب{said}</translation>
  </message>
  <message>
   <source>The content filter stopped the response.</source>
   <translation>أنهى مرشّح المحتوى الإجابة.</translation>
  </message>
  <message>
   <source>The content filter stopped the response: {words}.</source>
   <translation>قطع مرشّح المحتوى الإجابة: {words}.</translation>
  </message>
  <message>
   <source>The contents are in an unknown format.</source>
   <translation>تعذّرت قراءته: لا يفهم Paragone ما بداخله.</translation>
  </message>
  <message>
   <source>The context is sent before the question.</source>
   <translation>يُرسل السياق قبل السؤال.</translation>
  </message>
  <message>
   <source>The conversation contains more than {most} messages.</source>
   <translation>تحتوي على أكثر من {most} رسالة.</translation>
  </message>
  <message>
   <source>The conversation database is missing from {folder}. Paragone created a new one. The newest backup is {backup}.</source>
   <translation>اختفت قاعدة بيانات المحادثات من {folder}؛ وبدأت قاعدة جديدة. أحدث نسخة احتياطية هي {backup}.</translation>
  </message>
  <message>
   <source>The conversation database was damaged and was moved to {place}. Paragone created a new one.</source>
   <translation>كانت قاعدة بيانات المحادثات تالفة. نُحّيت جانبًا كاملةً في ‎{place}‎؛ وبدأت قاعدة جديدة.</translation>
  </message>
  <message>
   <source>The conversation database was damaged and was moved to {place}. Paragone created a new one. The newest backup is {backup}.</source>
   <translation>كانت قاعدة بيانات المحادثات تالفة. نُحّيت جانبًا كاملةً في ‎{place}‎؛ وبدأت قاعدة جديدة. أحدث نسخة احتياطية هي ‎{backup}‎.</translation>
  </message>
  <message>
   <source>The conversation database was damaged. Paragone recovered {n} conversations and {messages} messages into a new database; {lost} rows could not be read. The damaged database is in {place}.</source>
   <translation>كانت قاعدة بيانات المحادثات تالفة. نُقل ما يمكن قراءته منها إلى قاعدة جديدة: المحادثات {n}، والرسائل {messages}، والصفوف التي لا يمكن قراءتها {lost}. القاعدة التالفة في {place}.</translation>
  </message>
  <message>
   <source>The conversation has no messages.</source>
   <translation>لا يحتوي على أي رسالة.</translation>
  </message>
  <message>
   <source>The conversation is larger than {most} MB.</source>
   <translation>حجمها أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The conversation is too long for the model: {needed} tokens, but only {fits} fit.</source>
   <translation>المحادثة أطول مما يتسع له النموذج: {needed} رمزًا، ولا يتسع إلا لـ {fits}.</translation>
  </message>
  <message>
   <source>The conversation is too long for the model{said}</source>
   <translation>المحادثة أطول مما يتّسع له النموذج{said}‏</translation>
  </message>
  <message>
   <source>The conversation of this answer was deleted.</source>
   <translation>حُذفت محادثة هذه الإجابة.</translation>
  </message>
  <message>
   <source>The conversation was deleted, so this turn was not replayed.</source>
   <translation>حُذفت المحادثة، لذلك لم يُعَد تشغيل هذا الدور.</translation>
  </message>
  <message>
   <source>The conversations and their backups will be stored as unencrypted files again, and the key will be deleted.</source>
   <translation>تعود المحادثات ونسخها الاحتياطية ملفات صريحة، ويُنسى المفتاح.</translation>
  </message>
  <message>
   <source>The conversations are encrypted, and their key is not in the keyring.</source>
   <translation>المحادثات مشفّرة، ومفتاحها ليس في حلقة المفاتيح.</translation>
  </message>
  <message>
   <source>The conversations are not encrypted.</source>
   <translation>المحادثات غير مشفّرة.</translation>
  </message>
  <message>
   <source>The conversations are open again.</source>
   <translation>فُتحت مجددًا.</translation>
  </message>
  <message>
   <source>The conversations are open until Paragone quits. The keyring did not accept the key, so you will need the code again.</source>
   <translation>فُتحت لهذا التشغيل. لم تأخذ حلقة المفاتيح المفتاح: سيُطلب الرمز مجددًا.</translation>
  </message>
  <message>
   <source>The conversations are stored as unencrypted files again, and the key was deleted.</source>
   <translation>عادت المحادثات ملفات صريحة، ونُسي المفتاح.</translation>
  </message>
  <message>
   <source>The conversations could not be encrypted: {problem} They can be read, searched and exported. Nothing new is saved.</source>
   <translation>ينبغي تشفير المحادثات، وتعذّر ذلك: {problem} يمكن قراءتها والبحث فيها وتصديرها؛ ولا يُحفظ شيء جديد.</translation>
  </message>
  <message>
   <source>The conversations in {folder} are not encrypted.</source>
   <translation>المحادثات في ‎{folder}‎ غير مشفّرة.</translation>
  </message>
  <message>
   <source>The conversations that were moved to the folder {folder} are missing.</source>
   <translation>المحادثات التي نُقلت إلى المجلد ‎{folder}‎ ليست هناك.</translation>
  </message>
  <message>
   <source>The conversations were encrypted, as required by the settings. The recovery code is shown only once.</source>
   <translation>شُفّرت المحادثات كما تنص الإعدادات. ويُعرض رمز استردادها مرة واحدة.</translation>
  </message>
  <message>
   <source>The conversations were imported, but the import cannot be undone later: {reason}.</source>
   <translation>ما استُورد موجود هنا، لكن لا يمكن التراجع عنه لاحقًا: {reason}.</translation>
  </message>
  <message>
   <source>The conversations were moved. You can remove the old folder {folder} after restarting Paragone.</source>
   <translation>تمّ النقل. يمكن إزالة المجلد القديم ‎{folder}‎ بعد إعادة تشغيل Paragone.</translation>
  </message>
  <message>
   <source>The cost cap does not cover every model</source>
   <translation>لا يستطيع السقف حساب كل نموذج</translation>
  </message>
  <message>
   <source>The cost cap does not cover these models.</source>
   <translation>لا يحتسبها الحد الأقصى.</translation>
  </message>
  <message>
   <source>The cost is unknown.</source>
   <translation>لا تُعرف كلفته.</translation>
  </message>
  <message>
   <source>The current code stays valid until you choose “Use this code”.</source>
   <translation>يبقى الرمز الصالح الآن صالحًا إلى أن تستخدم هذا الرمز.</translation>
  </message>
  <message>
   <source>The current database will be moved to another folder; nothing will be overwritten.</source>
   <translation>يُنحّى ما هو موجود الآن جانبًا كاملًا؛ ولا يُكتب فوق شيء.</translation>
  </message>
  <message>
   <source>The current message in “{title}” is not part of that conversation.</source>
   <translation>الرسالة الحالية في «{title}» ليست من رسائلها.</translation>
  </message>
  <message>
   <source>The data folder could not be used: {reason}.</source>
   <translation>لا يمكن استخدام مجلد البيانات: {reason}.</translation>
  </message>
  <message>
   <source>The database is damaged: {error}.</source>
   <translation>قاعدة البيانات تالفة: {error}.</translation>
  </message>
  <message>
   <source>The database {path} could not be opened.</source>
   <translation>لا يمكن فتح قاعدة البيانات ‎{path}‎.</translation>
  </message>
  <message>
   <source>The database {path} is damaged.</source>
   <translation>قاعدة البيانات ‎{path}‎ تالفة.</translation>
  </message>
  <message>
   <source>The database {path} is damaged: part of it cannot be read.</source>
   <translation>لا يمكن قراءة شيء في قاعدة البيانات ‎{path}‎: إنها تالفة.</translation>
  </message>
  <message>
   <source>The database {path} is damaged: {found}</source>
   <translation>قاعدة البيانات ‎{path}‎ تالفة: {found}‏</translation>
  </message>
  <message>
   <source>The database {path} is not writable.</source>
   <translation>لا يمكن الكتابة في قاعدة البيانات ‎{path}‎.</translation>
  </message>
  <message>
   <source>The database, its backups and drafts</source>
   <translation>قاعدة البيانات ونسخها الاحتياطية والمسوّدات</translation>
  </message>
  <message>
   <source>The day “{typed}” must be written as YYYY-MM-DD.</source>
   <translation>يجب كتابة اليوم «{typed}» بالصيغة ‎YYYY-MM-DD‎.</translation>
  </message>
  <message>
   <source>The default model no longer works: {reason}</source>
   <translation>لم يعد النموذج الافتراضي يعمل: {reason}</translation>
  </message>
  <message>
   <source>The differences between responses also compare their tool calls and results.</source>
   <translation>تقارن الفروق بين الإجابات استدعاءات أدواتها ونتائجها أيضًا.</translation>
  </message>
  <message>
   <source>The disk is full. Paragone cannot write to {path}.</source>
   <translation>القرص ممتلئ. لا يستطيع Paragone الكتابة في {path}.</translation>
  </message>
  <message>
   <source>The disk is full: {folder} is not writable. Conversations can be read, searched and exported. Nothing new is saved until you free some space and restart Paragone.</source>
   <translation>القرص ممتلئ: {folder} لا يمكن الكتابة فيه. يمكن قراءة المحادثات والبحث فيها وتصديرها؛ ولا يُحفظ أي جديد حتى تتوفر مساحة ويُعاد تشغيل Paragone.</translation>
  </message>
  <message>
   <source>The disk is full: {place} is not writable.</source>
   <translation>القرص ممتلئ: {place} لا يمكن الكتابة فيه.</translation>
  </message>
  <message>
   <source>The disk was full when Paragone started: nothing new is saved to {path}.</source>
   <translation>كان القرص ممتلئًا عند بدء Paragone: لا يُحفظ شيء جديد في ‎{path}‎.</translation>
  </message>
  <message>
   <source>The embedded engine could not start: {value}.</source>
   <translation>تعذّر بدء المحرّك المضمّن: {value}.</translation>
  </message>
  <message>
   <source>The embedded engine did not report its port.</source>
   <translation>لم يذكر المحرّك المضمّن أين يستمع.</translation>
  </message>
  <message>
   <source>The embedded engine exited while responding.</source>
   <translation>انتهى المحرّك المضمّن أثناء إجابته.</translation>
  </message>
  <message>
   <source>The embedded engine exited {when} ({words}).</source>
   <translation>انتهى المحرّك المضمّن {when} ({words}).</translation>
  </message>
  <message>
   <source>The embedded engine has no model “{model}”.</source>
   <translation>ليس لدى المحرّك المضمّن النموذج «‎{model}‎».</translation>
  </message>
  <message>
   <source>The embedded engine is not installed: {message}.</source>
   <translation>المحرّك المضمّن غير مثبّت: {message}.</translation>
  </message>
  <message>
   <source>The embedded engine stopped responding and was terminated.</source>
   <translation>توقف المحرّك المضمّن عن الإجابة فأُنهي.</translation>
  </message>
  <message>
   <source>The embedded engine was closed.</source>
   <translation>أُغلق المحرّك المضمّن.</translation>
  </message>
  <message>
   <source>The embedded engine was not ready after {ready_timeout_s} seconds.</source>
   <translation>لم يجهز المحرّك المضمّن بعد {ready_timeout_s} ثانية.</translation>
  </message>
  <message>
   <source>The embedded engine was stopped.</source>
   <translation>أُوقف المحرّك المضمّن.</translation>
  </message>
  <message>
   <source>The embedded model and servers on this computer need it. Turn on the interface lo.</source>
   <translation>يحتاج إليها النموذج المضمّن والخوادم على هذا الكمبيوتر. شغّل الواجهة lo.</translation>
  </message>
  <message>
   <source>The embedded model could not be read: {value}.</source>
   <translation>لا يمكن قراءة النموذج المضمّن: {value}.</translation>
  </message>
  <message>
   <source>The embedded model file is damaged or was modified.</source>
   <translation>ملف النموذج المضمّن تالف أو جرى تغييره.</translation>
  </message>
  <message>
   <source>The embedded model is not installed.</source>
   <translation>النموذج المضمّن غير مثبّت.</translation>
  </message>
  <message>
   <source>The embedded model is ready to use, without an account or network. Add Azure AI Foundry or another server for larger models.</source>
   <translation>يجيب النموذج المضمّن الآن، دون حساب ولا شبكة. أضف Azure AI Foundry أو خادمًا آخر للنماذج الكبيرة.</translation>
  </message>
  <message>
   <source>The embedded model package contains no model.</source>
   <translation>لا تحتوي حزمة النموذج المضمّن على أي نموذج.</translation>
  </message>
  <message>
   <source>The embedded model works without an account or network.</source>
   <translation>يجيب النموذج المضمّن، من دون حساب أو شبكة.</translation>
  </message>
  <message>
   <source>The embedded model's connection cannot be removed.</source>
   <translation>لا يمكن إزالة اتصال النموذج المضمّن.</translation>
  </message>
  <message>
   <source>The engine could not load {name}: {value}.</source>
   <translation>تعذّر على المحرّك تحميل ‎{name}‎: {value}.</translation>
  </message>
  <message>
   <source>The environment variable {variable} for the connection “{connection}” is not set.</source>
   <translation>المتغيّر ‎{variable}‎ غير مضبوط للاتصال «‎{connection}‎».</translation>
  </message>
  <message>
   <source>The existing conversation stays unchanged; newer messages were not imported</source>
   <translation>رسائل أضيفت منذئذ: تبقى المحادثة هنا كما هي</translation>
  </message>
  <message>
   <source>The expected value is not a number: {text}.</source>
   <translation>المتوقع ليس عددًا: {text}.</translation>
  </message>
  <message>
   <source>The expression has more than {most} characters.</source>
   <translation>في التعبير أكثر من {most} محرف.</translation>
  </message>
  <message>
   <source>The file contains a character that YAML does not allow.</source>
   <translation>يوجد محرف لا تسمح به YAML.</translation>
  </message>
  <message>
   <source>The file contains a second document. A suite must be a single document.</source>
   <translation>يوجد مستند ثانٍ: السلسلة مستند واحد.</translation>
  </message>
  <message>
   <source>The file contains more than {most} values.</source>
   <translation>في الملف أكثر من {most} قيمة.</translation>
  </message>
  <message>
   <source>The file contains no graders.</source>
   <translation>لا يسمّي أي مقيّمين.</translation>
  </message>
  <message>
   <source>The file could not be read: {reason}.</source>
   <translation>تتعذر قراءته: {reason}.</translation>
  </message>
  <message>
   <source>The file has more than {most} columns.</source>
   <translation>في الملف أكثر من {most} عمود.</translation>
  </message>
  <message>
   <source>The file is empty.</source>
   <translation>الملف فارغ.</translation>
  </message>
  <message>
   <source>The file is larger than {most} MB.</source>
   <translation>الملف أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The file is not encoded in UTF-8, so it is read as Windows-1252.</source>
   <translation>الملف ليس UTF-8: يُقرأ نصه على أنه Windows-1252.</translation>
  </message>
  <message>
   <source>The file is not valid JSON.</source>
   <translation>ليس بصيغة JSON.</translation>
  </message>
  <message>
   <source>The file is read from its current location. Nothing is sent anywhere.</source>
   <translation>يُقرأ الملف من مكانه. ولا يُرسل شيء إلى أي مكان.</translation>
  </message>
  <message>
   <source>The file must be TOML or JSON.</source>
   <translation>يجب أن يكون بصيغة TOML أو JSON.</translation>
  </message>
  <message>
   <source>The file type of {name} is not supported.</source>
   <translation>{name} ليس نصًا ولا من نوع يستطيع Paragone قراءته.</translation>
  </message>
  <message>
   <source>The file {file} is invalid and could not be moved: {reason}.</source>
   <translation>الملف ‎{file}‎ معطوب ولا يمكن تنحيته جانبًا: {reason}.</translation>
  </message>
  <message>
   <source>The file {file}, which may specify where your conversations are stored, could not be read: {reason}.</source>
   <translation>تتعذر قراءة الملف {file} الذي قد يذكر موضع محادثاتك: {reason}.</translation>
  </message>
  <message>
   <source>The file {name} no longer exists.</source>
   <translation>لم يعد هناك ملف {name}.</translation>
  </message>
  <message>
   <source>The file {path} could not be written: {reason}.</source>
   <translation>لا يمكن كتابة الملف ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>The file {path} with tool servers could not be read: {reason}.</source>
   <translation>تعذّرت قراءة الملف {path} الذي فيه خوادم الأدوات: {reason}.</translation>
  </message>
  <message>
   <source>The finish reason changed: {then} before, {now} now.</source>
   <translation>انتهت بطريقة أخرى: {then} حينها، {now} الآن.</translation>
  </message>
  <message>
   <source>The first line must contain the column names: {columns}.</source>
   <translation>سطره الأول يسمي الأعمدة: {columns}.</translation>
  </message>
  <message>
   <source>The first response failed.</source>
   <translation>فشلت الإجابة الأولى قبل نهايتها.</translation>
  </message>
  <message>
   <source>The first response was interrupted.</source>
   <translation>انقطعت الإجابة الأولى قبل نهايتها.</translation>
  </message>
  <message>
   <source>The first response was stopped.</source>
   <translation>أوقفت الإجابة الأولى قبل نهايتها.</translation>
  </message>
  <message>
   <source>The first response won {share}% of decided pairs (95% CI {low}–{high}%): no clear position bias.</source>
   <translation>من كل الأزواج المحسومة فاز المعروض أولًا بنسبة {share} % (من {low} إلى {high} %).</translation>
  </message>
  <message>
   <source>The folder {folder} could not be used: {value}.</source>
   <translation>لا يمكن استخدام المجلد ‎{folder}‎: {value}.</translation>
  </message>
  <message>
   <source>The folder {folder} that your conversations were moved to does not exist.</source>
   <translation>المجلد ‎{folder}‎ الذي نُقلت إليه محادثاتك غير موجود.</translation>
  </message>
  <message>
   <source>The form cannot show prompts with several turns. Go back again to discard the text.</source>
   <translation>لا يعرض النموذج مطالبات من عدة أدوار. ارجع مرة أخرى للتخلي عن النص.</translation>
  </message>
  <message>
   <source>The format is unknown. Say which column is the prompt and which the expected answer. The columns are: {columns}.</source>
   <translation>التنسيق غير معروف. حدد أي عمود هو الطلب وأيها الإجابة المتوقعة. الأعمدة هي: {columns}.</translation>
  </message>
  <message>
   <source>The header of {name} is truncated.</source>
   <translation>ينتهي ‎{name}‎ داخل ترويسته.</translation>
  </message>
  <message>
   <source>The header {header} in the connection “{connection}” has no value.</source>
   <translation>الترويسة ‎{header}‎ للاتصال «{connection}» بلا قيمة.</translation>
  </message>
  <message>
   <source>The header {name} contains credentials, and headers are stored in the settings file.</source>
   <translation>الترويسة {name} لتسجيل الدخول، والترويسات تُحفظ في ملف الإعدادات.</translation>
  </message>
  <message>
   <source>The header {name} is defined twice.</source>
   <translation>الترويسة ‎{name}‎ موجودة مرتين.</translation>
  </message>
  <message>
   <source>The header {name} is set for each request and cannot be changed.</source>
   <translation>تُنشأ الترويسة {name} من جديد لكل طلب، ولا يمكن تعيينها.</translation>
  </message>
  <message>
   <source>The header {name} is too long.</source>
   <translation>الترويسة {name} طويلة جدًا.</translation>
  </message>
  <message>
   <source>The header {name} was entered for another server. Enter its value again, or remove the header.</source>
   <translation>أُعطيت الترويسة ‎{name}‎ لخادم آخر. أدخل قيمتها من جديد أو أزلها.</translation>
  </message>
  <message>
   <source>The header “Authorization” is set by the authentication.</source>
   <translation>الترويسة «Authorization» تضبطها المصادقة.</translation>
  </message>
  <message>
   <source>The header “{name}” is given twice.</source>
   <translation>الترويسة «{name}» مذكورة مرتين.</translation>
  </message>
  <message>
   <source>The header “{name}” is left out because Paragone sets it.</source>
   <translation>الترويسة «{name}» متروكة لأن Paragone يضبطها.</translation>
  </message>
  <message>
   <source>The header “{name}” is set by Paragone.</source>
   <translation>الترويسة «{name}» يضبطها Paragone.</translation>
  </message>
  <message>
   <source>The header's name looks like a key.</source>
   <translation>يبدو اسم إحدى الترويسات كأنه مفتاح.</translation>
  </message>
  <message>
   <source>The headers are too long in total.</source>
   <translation>الترويسات طويلة جدًا.</translation>
  </message>
  <message>
   <source>The history has no cost or time to compare.</source>
   <translation>ليس في السجل تكلفة ولا زمن للمقارنة.</translation>
  </message>
  <message>
   <source>The host name contains characters that look like others. The actual host name is {host}.</source>
   <translation>كُتب المضيف بحروف قد تشبه غيرها؛ وهو في الحقيقة ‎{host}‎.</translation>
  </message>
  <message>
   <source>The host {host} was not found.</source>
   <translation>تعذّر العثور على المضيف ‎{host}‎.</translation>
  </message>
  <message>
   <source>The import could not be recorded: {reason}.</source>
   <translation>يتعذّر تدوين ما يُستورد: {reason}.</translation>
  </message>
  <message>
   <source>The incumbent's answers are those in your history, {day}.</source>
   <translation>إجابات النموذج القديم هي التي في سجلك، {day}.</translation>
  </message>
  <message>
   <source>The incumbent's answers are those in your history, {first} to {last}.</source>
   <translation>إجابات النموذج القديم هي التي في سجلك، من {first} إلى {last}.</translation>
  </message>
  <message>
   <source>The interval includes differences on both sides of the margin of {margin} points, so these reviews do not show whether {successor} is good enough.</source>
   <translation>يضم المجال فروقًا على جانبي الهامش البالغ {margin} نقطة، فلا تُظهر هذه المراجعات هل {successor} جيد بما يكفي.</translation>
  </message>
  <message>
   <source>The interval is Student's t over the conversations' means. With fewer than 30 conversations, or if all outcomes are equal, it is a betting interval (Waudby-Smith and Ramdas, 2023).</source>
   <translation>المجال محسوب بتوزيع t لستيودنت على متوسطات المحادثات. ومع أقل من 30 محادثة، أو إذا تساوت كل النتائج، يكون مجال رهان (Waudby-Smith وRamdas، 2023).</translation>
  </message>
  <message>
   <source>The interval is a betting confidence sequence (Waudby-Smith and Ramdas, 2023). It is valid at every moment of the review, and therefore wider.</source>
   <translation>المجال متتالية ثقة مبنية على الرهان (Waudby-Smith وRamdas، 2023). وهو صالح في كل لحظة من المراجعة، ولذلك فهو أوسع.</translation>
  </message>
  <message>
   <source>The interval is prediction-powered (PPI++, Angelopoulos and others, 2023): the judge model's mean over all pairs, corrected by the difference between you and the judge model where both reviewed.</source>
   <translation>المجال مدعوم بالتنبؤ (PPI++، ‏Angelopoulos وآخرون، 2023): متوسط النموذج الحَكَم على كل الأزواج، مصحّحًا بالفرق بينك وبينه حيث راجع كلاكما.</translation>
  </message>
  <message>
   <source>The judge agrees with people on {share}% of {items} items (Cohen's kappa {kappa}).</source>
   <translation>يتفق مع الناس في {share} % من {items} عنصر (كابا كوهين {kappa}).</translation>
  </message>
  <message>
   <source>The judge agrees with people on {share}% of {items} items.</source>
   <translation>يتفق مع الناس في {share} % من {items} عنصر.</translation>
  </message>
  <message>
   <source>The judge chose the response shown first {share}% of the time (95% CI {low}–{high}%).</source>
   <translation>اختار الإجابة المعروضة أولًا في {share} % من الحالات ({low} إلى {high} %).</translation>
  </message>
  <message>
   <source>The judge did not respond: {reason}</source>
   <translation>لم يُجب الحَكَم: {reason}</translation>
  </message>
  <message>
   <source>The judge gave no reason.</source>
   <translation>لم يذكر الحَكَم سببًا.</translation>
  </message>
  <message>
   <source>The judge model cannot be called.</source>
   <translation>لا يمكن سؤال النموذج الحَكَم هنا.</translation>
  </message>
  <message numerus="yes">
   <source>The judge model compared {n} pairs.</source>
   <translation>
    <numerusform>لم يقارن النموذج الحَكَم أي زوج.</numerusform>
    <numerusform>قارن النموذج الحَكَم زوجًا واحدًا.</numerusform>
    <numerusform>قارن النموذج الحَكَم زوجين.</numerusform>
    <numerusform>قارن النموذج الحَكَم {n} أزواج.</numerusform>
    <numerusform>قارن النموذج الحَكَم {n} زوجًا.</numerusform>
    <numerusform>قارن النموذج الحَكَم {n} زوج.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>The judge model could not compare {n} pairs.</source>
   <translation>
    <numerusform>قارن النموذج الحَكَم كل الأزواج.</numerusform>
    <numerusform>تعذّر على النموذج الحَكَم مقارنة زوج واحد.</numerusform>
    <numerusform>تعذّر على النموذج الحَكَم مقارنة زوجين.</numerusform>
    <numerusform>تعذّر على النموذج الحَكَم مقارنة {n} أزواج.</numerusform>
    <numerusform>تعذّر على النموذج الحَكَم مقارنة {n} زوجًا.</numerusform>
    <numerusform>تعذّر على النموذج الحَكَم مقارنة {n} زوج.</numerusform>
   </translation>
  </message>
  <message>
   <source>The judge model prefers {successor} to {incumbent} on your work.</source>
   <translation>يفضّل النموذج الحَكَم {successor} على {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>The judge model reviewed {n} pairs in both orders.</source>
   <translation>راجع النموذج الحَكَم الأزواج (وعددها {n}) بالترتيبين.</translation>
  </message>
  <message>
   <source>The judge {model} chose the response shown first {share}% of the time (95% CI {low}–{high}%): position bias. A win counts only if both orders agree.</source>
   <translation>اختار الحَكَم {model} الإجابة المعروضة أولًا في {share} % من الحالات ({low} إلى {high} %): للموضع أثر. لا يُحتسب الفوز إلا حيث يتفق الترتيبان.</translation>
  </message>
  <message numerus="yes">
   <source>The judge {model} failed on {n} items, which are not counted.</source>
   <translation>
    <numerusform>لم يبقَ أي عنصر من عناصر الحَكَم {model} بلا نتيجة.</numerusform>
    <numerusform>لم يُسفر عنصر واحد من عناصر الحَكَم {model} عن شيء، وقد تُرك.</numerusform>
    <numerusform>لم يُسفر عنصران من عناصر الحَكَم {model} عن شيء، وقد تُركا.</numerusform>
    <numerusform>لم تُسفر {n} عناصر من عناصر الحَكَم {model} عن شيء، وقد تُركت.</numerusform>
    <numerusform>لم يُسفر {n} عنصرًا من عناصر الحَكَم {model} عن شيء، وقد تُركت.</numerusform>
    <numerusform>لم يُسفر {n} عنصر من عناصر الحَكَم {model} عن شيء، وقد تُركت.</numerusform>
   </translation>
  </message>
  <message>
   <source>The judge {model} is from the same publisher as {names}. Judges tend to favor models from their own publisher.</source>
   <translation>الحَكَم {model} من صانع {names}: يميل الحكّام إلى تفضيل ما هو من صانعهم.</translation>
  </message>
  <message numerus="yes">
   <source>The judge {model} is not calibrated: people have judged only {n} of its items, and at least {least} are needed.</source>
   <translation>
    <numerusform>الحَكَم {model} غير مُعايَر: لم يحكم الناس على أي من عناصره، والمطلوب {least}.</numerusform>
    <numerusform>الحَكَم {model} غير مُعايَر: حكم الناس على عنصر واحد من عناصره أيضًا، والمطلوب {least}.</numerusform>
    <numerusform>الحَكَم {model} غير مُعايَر: حكم الناس على عنصرين من عناصره أيضًا، والمطلوب {least}.</numerusform>
    <numerusform>الحَكَم {model} غير مُعايَر: حكم الناس على {n} من عناصره أيضًا، والمطلوب {least}.</numerusform>
    <numerusform>الحَكَم {model} غير مُعايَر: حكم الناس على {n} من عناصره أيضًا، والمطلوب {least}.</numerusform>
    <numerusform>الحَكَم {model} غير مُعايَر: حكم الناس على {n} من عناصره أيضًا، والمطلوب {least}.</numerusform>
   </translation>
  </message>
  <message>
   <source>The judge {model} prefers {a} to {b}: {wins} cases won, {losses} lost, {ties} tied.</source>
   <translation>يفضّل الحَكَم {model} {a} على {b}: {wins} حالة فاز فيها و{losses} خسرها و{ties} تعادل فيها.</translation>
  </message>
  <message>
   <source>The judge {model} shows no significant preference: {a} won {wins} cases against {b}, lost {losses} and tied {ties}.</source>
   <translation>لا يُظهر الحَكَم {model} تفضيلًا يتجاوز المصادفة: {a} أمام {b}: فاز في {wins} حالة وخسر في {losses} وتعادل في {ties}.</translation>
  </message>
  <message numerus="yes">
   <source>The judge {model} was called {n} times at a cost of {cost}.</source>
   <translation>
    <numerusform>لم يُسأل الحَكَم {model}، مقابل {cost}.</numerusform>
    <numerusform>سُئل الحَكَم {model} مرة واحدة، مقابل {cost}.</numerusform>
    <numerusform>سُئل الحَكَم {model} مرتين، مقابل {cost}.</numerusform>
    <numerusform>سُئل الحَكَم {model} {n} مرات، مقابل {cost}.</numerusform>
    <numerusform>سُئل الحَكَم {model} {n} مرة، مقابل {cost}.</numerusform>
    <numerusform>سُئل الحَكَم {model} {n} مرة، مقابل {cost}.</numerusform>
   </translation>
  </message>
  <message>
   <source>The judge's response could not be read: {text}</source>
   <translation>تعذرت قراءة إجابة الحَكَم: {text}</translation>
  </message>
  <message>
   <source>The judges were not called for this response: the run reached its cap.</source>
   <translation>لم يُسأل المحكّمون عن هذا الجواب: بلغ التشغيل حدّه الأعلى.</translation>
  </message>
  <message>
   <source>The key entered for {host} was removed because it is never sent to another server.</source>
   <translation>أُزيل المفتاح الذي أدخلته لأجل ‎{host}‎: فهو لا يُرسَل إلى خادم آخر.</translation>
  </message>
  <message>
   <source>The key for the connection “{name}” contains characters that are not allowed in keys.</source>
   <translation>يحتوي مفتاح الاتصال «‎{name}‎» على محارف لا توجد في المفاتيح.</translation>
  </message>
  <message>
   <source>The key for the connection “{name}” is empty.</source>
   <translation>مفتاح الاتصال «‎{name}‎» فارغ.</translation>
  </message>
  <message>
   <source>The key for this recovery code belongs to other conversations.</source>
   <translation>المفتاح المحفوظ بهذا الرمز يخص محادثات أخرى.</translation>
  </message>
  <message>
   <source>The key for {name} was removed. Edit the connection to enter another key.</source>
   <translation>أُزيل مفتاح ‎{name}‎. حرّر الاتصال لتعطيه مفتاحًا آخر.</translation>
  </message>
  <message>
   <source>The key is kept until Paragone quits.</source>
   <translation>يُحتفظ بالمفتاح لهذا التشغيل فقط.</translation>
  </message>
  <message>
   <source>The key is stored in this computer's keyring ({name}), never in a file.</source>
   <translation>يُحفظ المفتاح في حلقة مفاتيح هذا الحاسوب (‎{name}‎)، لا في ملف أبدًا.</translation>
  </message>
  <message>
   <source>The key is stored in this computer's keyring, never in a file.</source>
   <translation>يُحفظ المفتاح في حلقة مفاتيح هذا الحاسوب، لا في ملف أبدًا.</translation>
  </message>
  <message>
   <source>The key was entered for another server. Enter a key for this server.</source>
   <translation>أُعطي المفتاح لخادم آخر. أدخل مفتاح هذا الخادم.</translation>
  </message>
  <message>
   <source>The key “{item}” may have been entered for another server, so it is not used.</source>
   <translation>ربما أُدخل المفتاح «{item}» لخادم آخر. وهو غير مستخدم.</translation>
  </message>
  <message>
   <source>The key's own limit at {host} has been reached ({status}){said}</source>
   <translation>بلغ المفتاح حدّه الخاص لدى {host} ({status}){said}</translation>
  </message>
  <message>
   <source>The keyring ({name}) did not respond.</source>
   <translation>لم تُجب حلقة المفاتيح ({name}).</translation>
  </message>
  <message>
   <source>The keyring ({name}) is locked.</source>
   <translation>حلقة المفاتيح (‎{name}‎) مقفلة.</translation>
  </message>
  <message>
   <source>The keyring ({name}) is not reachable.</source>
   <translation>تعذّر الوصول إلى حلقة المفاتيح (‎{name}‎).</translation>
  </message>
  <message>
   <source>The keyring accepted the key but did not return it.</source>
   <translation>أخذت حلقة المفاتيح المفتاح ولم تُعِده.</translation>
  </message>
  <message>
   <source>The keyring contains only part of this key.</source>
   <translation>لا تحتوي حلقة المفاتيح إلا على جزء من هذا المفتاح.</translation>
  </message>
  <message>
   <source>The keyring did not respond within {timeout_s} seconds.</source>
   <translation>لم تُجب حلقة المفاتيح خلال {timeout_s} ثانية.</translation>
  </message>
  <message>
   <source>The keyring may be asking for permission behind another window. Check, or sign in again.</source>
   <translation>ابحث عن سؤال من حلقة المفاتيح خلف النوافذ الأخرى، أو سجّل الدخول مجددًا.</translation>
  </message>
  <message>
   <source>The last messages from the previous session cannot be read until the data folder is writable.</source>
   <translation>لا يمكن هنا قراءة آخر ما قيل قبل انتهاء البرنامج.</translation>
  </message>
  <message>
   <source>The last response was not interrupted.</source>
   <translation>لم تنقطع آخر إجابة.</translation>
  </message>
  <message>
   <source>The list is empty.</source>
   <translation>القائمة فارغة.</translation>
  </message>
  <message>
   <source>The lists result in {count} cases, but at most {most} can be imported.</source>
   <translation>قوائمه تنتج {count} من الحالات؛ ولا يُؤخذ أكثر من {most}.</translation>
  </message>
  <message>
   <source>The longer answer won {part} of {whole} decided pairs ({interval}).</source>
   <translation>فازت الإجابة الأطول في {part} من {whole} من الأزواج المحسومة ({interval}).</translation>
  </message>
  <message>
   <source>The longer response won {share}% of decided pairs (95% CI {low}–{high}%; median length: winners {winner}, losers {loser} characters).</source>
   <translation>من كل الأزواج المحسومة فازت الإجابة الأطول بنسبة {share} % (من {low} إلى {high} %؛ الطول الأوسط {winner} و{loser} حرفًا).</translation>
  </message>
  <message>
   <source>The longer response won {share}% of the pairs (95% CI {low}–{high}%).</source>
   <translation>فازت الإجابة الأطول في {share} % من أزواجه ({low} إلى {high} %).</translation>
  </message>
  <message>
   <source>The margin of {margin} points was chosen when the replay was created. Another margin can give another verdict; the interval stays the same.</source>
   <translation>اختير الهامش البالغ {margin} نقطة عند إنشاء إعادة التشغيل. قد يؤدي هامش آخر إلى حكم آخر؛ أما المجال فيبقى كما هو.</translation>
  </message>
  <message>
   <source>The messages in this conversation were deleted. The next prompt starts a new conversation.</source>
   <translation>حُذف ما قيل هنا. وما ترسله الآن يبدأ من جديد.</translation>
  </message>
  <message>
   <source>The model declined to answer.</source>
   <translation>رفض النموذج الإجابة.</translation>
  </message>
  <message>
   <source>The model declined to answer: {category}.</source>
   <translation>امتنع النموذج عن الإجابة: {category}.</translation>
  </message>
  <message>
   <source>The model does not accept files{said}</source>
   <translation>لا يقبل النموذج الملفات{said}</translation>
  </message>
  <message>
   <source>The model does not accept images{said}</source>
   <translation>لا يقبل النموذج صورًا{said}</translation>
  </message>
  <message>
   <source>The model does not accept system prompts{said}</source>
   <translation>لا يقبل النموذج تعليمات النظام{said}</translation>
  </message>
  <message>
   <source>The model does not accept “{parameter}”{said}</source>
   <translation>لا يقبل النموذج «{parameter}»{said}‏</translation>
  </message>
  <message>
   <source>The model does not support structured output{said}</source>
   <translation>لا يدعم النموذج المخرجات المهيكلة{said}</translation>
  </message>
  <message>
   <source>The model does not support the Chat Completions API{said}</source>
   <translation>لا يجيب النموذج عبر chat completions{said}</translation>
  </message>
  <message>
   <source>The model does not support the Responses API{said}</source>
   <translation>لا يدعم النموذج Responses API{said}</translation>
  </message>
  <message>
   <source>The model does not support tools{said}</source>
   <translation>لا يدعم النموذج الأدوات{said}</translation>
  </message>
  <message>
   <source>The model does not support web search{said}</source>
   <translation>لا يدعم النموذج البحث في الويب{said}</translation>
  </message>
  <message>
   <source>The model of a new chat generates the title in a short extra call with the first prompt and response. If a title model is set, it is used instead.</source>
   <translation>يقترح نموذج المحادثة الجديدة عنوانها في طلب قصير إضافي يتضمن الموجّه الأول وإجابته. والنموذج المحدَّد للعناوين له الأولوية.</translation>
  </message>
  <message>
   <source>The model requested a tool call without a name. The call was ignored.</source>
   <translation>طلب النموذج استدعاء أداة بلا اسم. جرى تجاهل الاستدعاء.</translation>
  </message>
  <message>
   <source>The model requested a tool call, but no tools are available in this conversation.</source>
   <translation>طلب النموذج استدعاء أداة، لكن لا أدوات متاحة في هذه المحادثة.</translation>
  </message>
  <message>
   <source>The model requested more than {most} tool calls in one response. The others were ignored.</source>
   <translation>طلب النموذج أكثر من {most} استدعاء أداة في إجابة واحدة. جرى تجاهل الباقي.</translation>
  </message>
  <message>
   <source>The model that generates titles for new chats. It receives their first prompt and response. If empty, the first words of the prompt become the title.</source>
   <translation>نموذج يضع عناوين الدردشات الجديدة: يُرسل إليه أول موجّه وأول إجابة. من دونه يكون العنوان أولى الكلمات.</translation>
  </message>
  <message>
   <source>The model used when you do not choose one.</source>
   <translation>النموذج الذي يجيب إذا لم يُذكر غيره.</translation>
  </message>
  <message>
   <source>The model's tool calls exceeded {most} characters.</source>
   <translation>تجاوزت استدعاءات الأدوات من النموذج {most} حرفًا.</translation>
  </message>
  <message>
   <source>The name of {path} is not encoded in UTF-8.</source>
   <translation>اسم {path} ليس مكتوبًا بترميز UTF-8.</translation>
  </message>
  <message>
   <source>The name “embedded” is reserved for the bundled model.</source>
   <translation>الاسم «embedded» محجوز للنموذج المرفق.</translation>
  </message>
  <message>
   <source>The newest responses may be missing: llm stores them in a separate file next to this one. Import again when llm is not running.</source>
   <translation>قد تنقص أحدث الإجابات: إنها لدى llm في الملف المجاور. استورد مجددًا حين يكون خاملًا.</translation>
  </message>
  <message>
   <source>The next call might exceed the run's cap.</source>
   <translation>قد يتجاوز الاستدعاء التالي حدّ التشغيل الأعلى.</translation>
  </message>
  <message>
   <source>The number is {found}, not {number}.</source>
   <translation>عدده {found}، وليس {number}.</translation>
  </message>
  <message>
   <source>The number is {number}.</source>
   <translation>عدده {number}.</translation>
  </message>
  <message>
   <source>The old folder remains until you remove it.</source>
   <translation>يبقى المجلد القديم إلى أن تزيله.</translation>
  </message>
  <message>
   <source>The operation was canceled because Paragone is closing.</source>
   <translation>تُركت العملية لأن البرنامج ينتهي.</translation>
  </message>
  <message>
   <source>The original models of chats imported from {program} are not available.</source>
   <translation>لا يمكن سؤال نماذج الدردشات المستوردة من {program}.</translation>
  </message>
  <message>
   <source>The page “Successor” of the documentation has the formulas and their sources.</source>
   <translation>الصيغ ومصادرها في صفحة «Successor» من الوثائق.</translation>
  </message>
  <message>
   <source>The pane with {model} was closed.</source>
   <translation>أُغلقت لوحة ‎{model}‎.</translation>
  </message>
  <message>
   <source>The part before the “@” is a user name, not the host.</source>
   <translation>ما قبل «@» اسم مستخدم لا اسم المضيف.</translation>
  </message>
  <message>
   <source>The path {folder} in the file {file} is not absolute.</source>
   <translation>‏{folder}، الذي يذكره الملف {file}، ليس مسارًا كاملًا.</translation>
  </message>
  <message>
   <source>The policies in {path} are ignored: {reason}.</source>
   <translation>السياسات في ‎{path}‎ متجاهَلة: {reason}.</translation>
  </message>
  <message>
   <source>The policy file {path} cannot be read: {reason}.</source>
   <translation>تعذرت قراءة ملف السياسات {path}: {reason}.</translation>
  </message>
  <message>
   <source>The policy file {path} is invalid: {reason}.</source>
   <translation>ملف السياسات {path} غير صالح: {reason}.</translation>
  </message>
  <message>
   <source>The policy file {path} is larger than {number} MB.</source>
   <translation>ملف السياسات {path} أكبر من {number} ميغابايت.</translation>
  </message>
  <message>
   <source>The policy {name} in {source} is ignored: {reason}.</source>
   <translation>السياسة ‎{name}‎ في ‎{source}‎ متجاهَلة: {reason}.</translation>
  </message>
  <message>
   <source>The policy {name} in {source} is only partly applied: {reason}.</source>
   <translation>السياسة ‎{name}‎ في ‎{source}‎ سارية جزئيًا: {reason}.</translation>
  </message>
  <message>
   <source>The presets file was invalid ({reason}). Paragone moved it to {file}.</source>
   <translation>كان ملف الإعدادات المسبقة معطوبًا ({reason}). حُفظ باسم ‎{file}‎.</translation>
  </message>
  <message>
   <source>The presets file {file} is invalid: {reason}.</source>
   <translation>ملف الإعدادات المسبقة ‎{file}‎ تالف: {reason}.</translation>
  </message>
  <message>
   <source>The presets in {file} could not be read: {reason}.</source>
   <translation>لا يمكن قراءة الإعدادات المسبقة في ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>The presets in {file} could not be saved: {reason}.</source>
   <translation>لا يمكن حفظ الإعدادات المسبقة في ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>The presets in {file} could not be used: {reason}.</source>
   <translation>لا يمكن استخدام الإعدادات المسبقة في ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>The previous code is no longer valid.</source>
   <translation>لم يعد الرمز الذي كان صالحًا من قبل يفتح شيئًا.</translation>
  </message>
  <message>
   <source>The printer did not accept the print job. Check the printer, or export a PDF.</source>
   <translation>لم تقبل الطابعة الصفحات. تحقق منها أو صدّر ملف PDF.</translation>
  </message>
  <message>
   <source>The prompt contains {what} and was not sent to {destination}.</source>
   <translation>يحتوي الموجّه على {what} ولم يُرسل إلى {destination}.</translation>
  </message>
  <message>
   <source>The prompt is empty.</source>
   <translation>الموجّه فارغ.</translation>
  </message>
  <message>
   <source>The prompt is larger than {most} MB.</source>
   <translation>الموجّه أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The prompt seems to contain {what}. It was not sent to {destination}.</source>
   <translation>يبدو أن الموجّه يحتوي على {what}. لم يُرسل إلى {destination}.</translation>
  </message>
  <message>
   <source>The prompt was different:</source>
   <translation>سُئل سؤالًا آخر:</translation>
  </message>
  <message>
   <source>The prompts and responses in this round will be deleted, and the models will never be revealed.</source>
   <translation>يُحذف ما سُئل وأُجيب فيها، ولن يعرف أحد إجابة مَن كانت أيٌّ منها.</translation>
  </message>
  <message>
   <source>The prompts in this turn differ because one was edited: the vote does not count.</source>
   <translation>تختلف موجّهات هذا الدور لأن أحدها عُدّل: الصوت لا يُحتسب.</translation>
  </message>
  <message>
   <source>The provider behind {host} did not find “{shown}” (404){said}</source>
   <translation>لم يجد المزوّد الذي خلف ‎{host}‎‏ النموذج «{shown}» ‏(404){said}</translation>
  </message>
  <message>
   <source>The provider behind {host} rejected the key that {host} uses ({status}){said}</source>
   <translation>رفضت الخدمة الواقعة خلف {host} مفتاح {host} نفسه ({status}){said}</translation>
  </message>
  <message>
   <source>The provider sends search terms from your conversation to its search service.</source>
   <translation>يرسل المزوّد عبارات بحث من محادثتك إلى خدمة البحث لديه.</translation>
  </message>
  <message>
   <source>The proxy address is not a valid HTTP proxy address.</source>
   <translation>عنوان الوكيل ليس عنوان وكيل HTTP.</translation>
  </message>
  <message>
   <source>The proxy cannot reach {host}. Check the address.</source>
   <translation>لا يصل الوكيل نفسه إلى ‎{host}‎: تحقّق من العنوان.</translation>
  </message>
  <message>
   <source>The proxy requires authentication (407){said}</source>
   <translation>يطلب الوكيل تسجيل الدخول (407){said}‏</translation>
  </message>
  <message>
   <source>The proxy {proxy} did not connect to {host} in time.</source>
   <translation>لم يتصل الوكيل ‎{proxy}‎ بالمضيف ‎{host}‎ في الوقت المحدد.</translation>
  </message>
  <message>
   <source>The proxy {proxy} does not forward connections to {host} ({status}).</source>
   <translation>لا يمرّر الوكيل ‎{proxy}‎ الاتصال إلى ‎{host}‎ ({status}).</translation>
  </message>
  <message>
   <source>The proxy {proxy} does not speak HTTP.</source>
   <translation>لا يجيب الوكيل ‎{proxy}‎ ببروتوكول HTTP.</translation>
  </message>
  <message>
   <source>The proxy {proxy} is not reachable: {reason}.</source>
   <translation>تعذّر الوصول إلى الوكيل ‎{proxy}‎: {reason}.</translation>
  </message>
  <message>
   <source>The proxy {proxy} only accepts {schemes} authentication (407).</source>
   <translation>لا يقبل الوكيل ‎{proxy}‎ تسجيل الدخول إلا بواسطة ‎{schemes}‎ (407).</translation>
  </message>
  <message>
   <source>The proxy {proxy} rejected the user name or password (407).</source>
   <translation>يرفض الوكيل ‎{proxy}‎ الاسم أو كلمة المرور (407).</translation>
  </message>
  <message>
   <source>The proxy {proxy} requires authentication (407).</source>
   <translation>يطلب الوكيل ‎{proxy}‎ تسجيل الدخول (407).</translation>
  </message>
  <message>
   <source>The proxy {proxy} was not found.</source>
   <translation>تعذّر العثور على الوكيل ‎{proxy}‎.</translation>
  </message>
  <message>
   <source>The quota resets after hours, a day, a week or a month. Choose another model or raise the quota.</source>
   <translation>يبدأ من جديد بعد ساعات أو يوم أو أسبوع أو شهر؛ اختر نموذجًا آخر حتى ذلك الحين، أو ارفع الحصة.</translation>
  </message>
  <message>
   <source>The quota resets tomorrow. Choose another model or raise the quota.</source>
   <translation>يبدأ من جديد في اليوم التالي؛ اختر نموذجًا آخر حتى ذلك الحين، أو ارفع الحصة.</translation>
  </message>
  <message>
   <source>The receipt is damaged: the request shown is not exactly what was sent.</source>
   <translation>جزء منه تالف: ليس هذا ما أُرسل.</translation>
  </message>
  <message>
   <source>The record of the last import could not be removed: {reason}.</source>
   <translation>تعذّرت إزالة ما هو معروف عن الاستيراد الأخير: {reason}.</translation>
  </message>
  <message>
   <source>The recovery code for the new key is missing. Nothing was changed.</source>
   <translation>اختفى رمز استرداد المفتاح الجديد: لم يتغيّر شيء.</translation>
  </message>
  <message>
   <source>The regular expression for “{name}” is invalid: {reason}.</source>
   <translation>‏«‎{name}‎» ليس تعبيرًا نمطيًا: {reason}.</translation>
  </message>
  <message>
   <source>The replay has reached its cap</source>
   <translation>بلغت إعادة التشغيل حدّها الأعلى</translation>
  </message>
  <message>
   <source>The replay is still running: {n} of {all} responses.</source>
   <translation>لا تزال إعادة التشغيل جارية: {n} من {all} إجابة.</translation>
  </message>
  <message>
   <source>The replay may stop at the cap. You can raise it and resume.</source>
   <translation>قد تتوقف إعادة التشغيل عند الحدّ الأعلى. يمكنك رفعه ثم الاستئناف.</translation>
  </message>
  <message>
   <source>The replay was stopped after {n} of {all} responses.</source>
   <translation>أُوقفت إعادة التشغيل بعد {n} من {all} إجابة.</translation>
  </message>
  <message>
   <source>The replay was stopped at its cost cap after {n} of {all} responses.</source>
   <translation>أُوقفت إعادة التشغيل عند حدّ تكلفتها الأعلى بعد {n} من {all} إجابة.</translation>
  </message>
  <message>
   <source>The replay was stopped.</source>
   <translation>أُوقفت إعادة التشغيل.</translation>
  </message>
  <message>
   <source>The request is larger than {host} accepts ({status}){said}</source>
   <translation>الطلب أكبر مما يقبله ‎{host}‎ ‏({status}){said}‏</translation>
  </message>
  <message>
   <source>The response arrived all at once, so something between the server and this computer is buffering it. Turn off buffering there (nginx: proxy_buffering off, or the header X-Accel-Buffering: no).</source>
   <translation>وصل الرد دفعة واحدة: شيء ما في الطريق يحتجز الردود حتى تكتمل. أوقف التخزين المؤقت هناك (في nginx: ‎proxy_buffering off‎، أو الترويسة ‎X-Accel-Buffering: no‎).</translation>
  </message>
  <message>
   <source>The response begins with {text}.</source>
   <translation>يبدأ بـ {text}.</translation>
  </message>
  <message>
   <source>The response called no tool.</source>
   <translation>لم تستدعِ الإجابة أي أداة.</translation>
  </message>
  <message>
   <source>The response came from a different region: {then} before, {now} now.</source>
   <translation>جاءت من منطقة أخرى: {then} حينها، {now} الآن.</translation>
  </message>
  <message>
   <source>The response conforms to the schema.</source>
   <translation>إنه كما يقول المخطط.</translation>
  </message>
  <message>
   <source>The response contains none of {texts}: {answer}.</source>
   <translation>ليس فيه شيء من {texts}: {answer}.</translation>
  </message>
  <message>
   <source>The response contains only reasoning, no text.</source>
   <translation>لا نص في الإجابة، بل أفكار فقط.</translation>
  </message>
  <message>
   <source>The response contains {text}.</source>
   <translation>يحتوي على {text}.</translation>
  </message>
  <message>
   <source>The response cost {size}</source>
   <translation>كلّف {size}</translation>
  </message>
  <message>
   <source>The response did not call {tool} as described, but {calls}.</source>
   <translation>لم تستدعِ الإجابة {tool} كما هو موصوف، بل {calls}.</translation>
  </message>
  <message>
   <source>The response does not conform to the schema: {reason}.</source>
   <translation>ليس كما يقول المخطط: {reason}.</translation>
  </message>
  <message>
   <source>The response does not contain {text}: {answer}.</source>
   <translation>{text} ليس فيه: {answer}.</translation>
  </message>
  <message>
   <source>The response exceeded {max_answer_bytes} bytes.</source>
   <translation>تجاوزت الإجابة {max_answer_bytes} بايت.</translation>
  </message>
  <message>
   <source>The response has {size}, fewer than {least}.</source>
   <translation>فيه {size}، أقل من {least}.</translation>
  </message>
  <message>
   <source>The response has {size}, more than {most}.</source>
   <translation>فيه {size}، أكثر من {most}.</translation>
  </message>
  <message>
   <source>The response has {size}.</source>
   <translation>فيه {size}.</translation>
  </message>
  <message>
   <source>The response is complete.</source>
   <translation>الإجابة مكتملة.</translation>
  </message>
  <message>
   <source>The response is empty.</source>
   <translation>الإجابة فارغة.</translation>
  </message>
  <message>
   <source>The response is larger than {most} MB and was stopped.</source>
   <translation>الإجابة أكبر من {most} ميغابايت وقد أُنهيت.</translation>
  </message>
  <message>
   <source>The response is no longer in the database: its conversation was removed.</source>
   <translation>لم تعد الإجابة في قاعدة البيانات: أُزيلت محادثتها.</translation>
  </message>
  <message>
   <source>The response is no longer marked.</source>
   <translation>لم تعد الإجابة موسومة.</translation>
  </message>
  <message>
   <source>The response is not JSON: {reason}.</source>
   <translation>الإجابة ليست JSON: {reason}.</translation>
  </message>
  <message>
   <source>The response is not valid JSON: {reason}. Response: {answer}.</source>
   <translation>ليس JSON: {reason}. إنه {answer}.</translation>
  </message>
  <message>
   <source>The response is too long to be read as JSON.</source>
   <translation>الإجابة أطول من أن تُقرأ بصيغة JSON.</translation>
  </message>
  <message>
   <source>The response is valid JSON.</source>
   <translation>إنه JSON.</translation>
  </message>
  <message>
   <source>The response is {share} similar to {text}, less than {least}: {answer}.</source>
   <translation>يشبه {text} بنسبة {share}، أقل من {least}: {answer}.</translation>
  </message>
  <message>
   <source>The response is {share} similar to {text}.</source>
   <translation>يشبه {text} بنسبة {share}.</translation>
  </message>
  <message>
   <source>The response is {text}.</source>
   <translation>إنه {text}.</translation>
  </message>
  <message>
   <source>The response made {calls} of {tool} as described.</source>
   <translation>أجرت الإجابة {calls} لـ {tool} كما هو موصوف.</translation>
  </message>
  <message>
   <source>The response reached its maximum length.</source>
   <translation>بلغت الإجابة أقصى طول لها.</translation>
  </message>
  <message>
   <source>The response reached the maximum length and was cut off.</source>
   <translation>بلغ الجواب أقصى طوله فقُطع.</translation>
  </message>
  <message>
   <source>The response time is unknown.</source>
   <translation>لا يُعرف كم استغرق.</translation>
  </message>
  <message>
   <source>The response took {size}</source>
   <translation>استغرق {size}</translation>
  </message>
  <message>
   <source>The response violates the schema: {reason}</source>
   <translation>تخالف الإجابة المخطط: {reason}</translation>
  </message>
  <message>
   <source>The response was ended after {n} rounds of tool calls.</source>
   <translation>أُنهيت الإجابة بعد {n} من جولات استدعاء الأدوات.</translation>
  </message>
  <message>
   <source>The response was interrupted.</source>
   <translation>انقطعت الإجابة قبل نهايتها.</translation>
  </message>
  <message>
   <source>The response was stopped: the run reached its cap.</source>
   <translation>أُوقف الجواب: بلغ حدّ التشغيل الأعلى.</translation>
  </message>
  <message numerus="yes">
   <source>The responses differ in {n} places; {percent}% of the words are the same.</source>
   <translation>
    <numerusform>لا تختلفان في أي موضع ({n})؛ {percent}% من الكلمات متطابقة.</numerusform>
    <numerusform>تختلفان في موضع واحد ({n})؛ {percent}% من الكلمات متطابقة.</numerusform>
    <numerusform>تختلفان في موضعين ({n})؛ {percent}% من الكلمات متطابقة.</numerusform>
    <numerusform>تختلفان في {n} مواضع؛ {percent}% من الكلمات متطابقة.</numerusform>
    <numerusform>تختلفان في {n} موضعًا؛ {percent}% من الكلمات متطابقة.</numerusform>
    <numerusform>تختلفان في {n} موضع؛ {percent}% من الكلمات متطابقة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>The responses of all {n} models must be JSON of this form.</source>
   <translation>
    <numerusform>يجب أن تكون إجابات النماذج ({n}) بصيغة JSON بهذا الشكل.</numerusform>
    <numerusform>يجب أن تكون إجابة النموذج بصيغة JSON بهذا الشكل.</numerusform>
    <numerusform>يجب أن تكون إجابتا النموذجين بصيغة JSON بهذا الشكل.</numerusform>
    <numerusform>يجب أن تكون إجابات كل النماذج ({n}) بصيغة JSON بهذا الشكل.</numerusform>
    <numerusform>يجب أن تكون إجابات كل النماذج ({n}) بصيغة JSON بهذا الشكل.</numerusform>
    <numerusform>يجب أن تكون إجابات كل النماذج ({n}) بصيغة JSON بهذا الشكل.</numerusform>
   </translation>
  </message>
  <message>
   <source>The result seems to contain {what}.</source>
   <translation>يبدو أن النتيجة تحتوي على {what}.</translation>
  </message>
  <message>
   <source>The review compares the first of several answers to each turn.</source>
   <translation>تقارن المراجعة أولى الإجابات المتعددة لكل دور.</translation>
  </message>
  <message>
   <source>The review is not complete</source>
   <translation>المراجعة غير مكتملة</translation>
  </message>
  <message>
   <source>The row has no value for {names}. Empty text is used, as in promptfoo.</source>
   <translation>ليس فيه {names}: يبقى فارغًا كما يأخذه promptfoo.</translation>
  </message>
  <message>
   <source>The row has {cells} cells, but there are only {columns} columns.</source>
   <translation>{cells} من الخلايا تحت {columns} من الأعمدة.</translation>
  </message>
  <message>
   <source>The run has no response for this case, contender and repeat.</source>
   <translation>لا جواب في هذا الموضع من التشغيل.</translation>
  </message>
  <message>
   <source>The run has reached its cost cap</source>
   <translation>بلغ التشغيل سقفه</translation>
  </message>
  <message>
   <source>The run is too small to show any difference between two contenders.</source>
   <translation>هو أصغر من أن يُظهر أي فرق بين متنافسَين.</translation>
  </message>
  <message>
   <source>The run that provides the tool results no longer exists.</source>
   <translation>التشغيل الذي ستُستخدم نتائج أدواته لم يعد موجودًا.</translation>
  </message>
  <message>
   <source>The run was stopped.</source>
   <translation>أُوقف التشغيل.</translation>
  </message>
  <message>
   <source>The run “{name}” has none of the cases of this suite.</source>
   <translation>ليس في التشغيل «{name}» أي حالة من هذه المجموعة.</translation>
  </message>
  <message>
   <source>The run's cap is 0, so nothing is sent.</source>
   <translation>حدّ التشغيل الأعلى 0: لا يُسأل شيء.</translation>
  </message>
  <message>
   <source>The runs have different numbers of repeats: {one} and {other}.</source>
   <translation>عدد التكرارات مختلف في التشغيلين: {one} و{other}.</translation>
  </message>
  <message>
   <source>The same JSON in an archive with attached files.</source>
   <translation>ملف JSON نفسه، مضغوطًا مع الملفات المرفقة حين تُضمَّن.</translation>
  </message>
  <message>
   <source>The sample has no ideal answer, so its responses are not graded.</source>
   <translation>لا إجابة مثالية: لا تُقيَّم إجاباته.</translation>
  </message>
  <message>
   <source>The saved suite could not be read: {reason}.</source>
   <translation>تتعذر قراءة ما حُفظ من السلسلة: {reason}.</translation>
  </message>
  <message>
   <source>The schema must be {schema}, not {kind}.</source>
   <translation>المخطط {schema}، وليس {kind}.</translation>
  </message>
  <message>
   <source>The schema of {path} is damaged: {error}</source>
   <translation>مخطط ‎{path}‎ تالف: {error}‏</translation>
  </message>
  <message>
   <source>The server asks you to wait {wait}, longer than the {longest} seconds that Paragone waits automatically. Try again after that time.</source>
   <translation>يطلب الخادم الانتظار {wait}، وهي مدة أطول من {longest} ثانية التي يُنتظر فيها تلقائيًا. اسأل من جديد بعدها.</translation>
  </message>
  <message>
   <source>The server asks you to wait {wait}. {advice}</source>
   <translation>يطلب الخادم الانتظار {wait}. {advice}</translation>
  </message>
  <message>
   <source>The server did not accept the file {name}.</source>
   <translation>{name} ليس ملفًا يقبله الخادم.</translation>
  </message>
  <message>
   <source>The server gave no finish reason.</source>
   <translation>لم يذكر الخادم سبب انتهاء الإجابة.</translation>
  </message>
  <message>
   <source>The server gave “{said}” as the finish reason.</source>
   <translation>أنهى الخادم الإجابة بعبارة «{said}».</translation>
  </message>
  <message>
   <source>The server has changed since you allowed this tool.</source>
   <translation>تغيّر الخادم منذ أن سمحت بهذه الأداة.</translation>
  </message>
  <message>
   <source>The server interrupted the response.</source>
   <translation>قطع الخادم الجواب.</translation>
  </message>
  <message numerus="yes">
   <source>The server is processing {n} files.</source>
   <translation>
    <numerusform>يعمل الخادم عليها: {n} ملف بلا إجابة بعد.</numerusform>
    <numerusform>يعمل الخادم عليها: {n} ملف بلا إجابة بعد.</numerusform>
    <numerusform>يعمل الخادم عليها: {n} ملف بلا إجابة بعد.</numerusform>
    <numerusform>يعمل الخادم عليها: {n} ملفات بلا إجابة بعد.</numerusform>
    <numerusform>يعمل الخادم عليها: {n} ملفًا بلا إجابة بعد.</numerusform>
    <numerusform>يعمل الخادم عليها: {n} ملف بلا إجابة بعد.</numerusform>
   </translation>
  </message>
  <message>
   <source>The server may be faulty. Set `max_tokens` to limit the response.</source>
   <translation>قد يكون الخادم معطوبًا؛ اضبط `max_tokens` لتحديد طول الإجابة.</translation>
  </message>
  <message>
   <source>The server processes the batch within a day. You can quit Paragone and resume later.</source>
   <translation>يعالج الخادم الدفعة خلال يوم. يمكنك إغلاق Paragone والمتابعة لاحقًا.</translation>
  </message>
  <message>
   <source>The server reports a different model: {then} before, {now} now.</source>
   <translation>يسمّي الخادم نموذجًا آخر: {then} حينها، {now} الآن.</translation>
  </message>
  <message>
   <source>The server says: {claims}</source>
   <translation>يقول الخادم: {claims}</translation>
  </message>
  <message>
   <source>The server sent an event larger than {max} bytes.</source>
   <translation>أرسل الخادم حدثًا يزيد على {max} بايت.</translation>
  </message>
  <message numerus="yes">
   <source>The server sent {n} more notices.</source>
   <translation>
    <numerusform>ولا تنبيهات أخرى من الخادم.</numerusform>
    <numerusform>وتنبيه آخر من الخادم.</numerusform>
    <numerusform>وتنبيهان آخران من الخادم.</numerusform>
    <numerusform>و{n} تنبيهات أخرى من الخادم.</numerusform>
    <numerusform>و{n} تنبيهًا آخر من الخادم.</numerusform>
    <numerusform>و{n} تنبيه آخر من الخادم.</numerusform>
   </translation>
  </message>
  <message>
   <source>The server served several models under the name {model}: {names}.</source>
   <translation>{model} يمثل عدة نماذج كما سماها خادمه: {names}.</translation>
  </message>
  <message>
   <source>The server wants you to open {host} in the browser.</source>
   <translation>يريد الخادم أن تفتح {host} في المتصفح.</translation>
  </message>
  <message>
   <source>The server was turned off in the other program.</source>
   <translation>كان الخادم معطّلًا في البرنامج الآخر.</translation>
  </message>
  <message>
   <source>The server's sign-in page has an address that Paragone does not open.</source>
   <translation>لصفحة تسجيل الدخول إلى الخادم عنوان لا يفتحه Paragone.</translation>
  </message>
  <message>
   <source>The server's system fingerprint changed: {then} before, {now} now.</source>
   <translation>يجيب الخادم من حالة أخرى: {then} حينها، {now} الآن.</translation>
  </message>
  <message>
   <source>The service is not available in this computer's region. Use another service.</source>
   <translation>الخدمة غير متاحة حيث يوجد هذا الجهاز؛ استخدم خدمة أخرى.</translation>
  </message>
  <message>
   <source>The setting {key} can no longer be changed.</source>
   <translation>لم يعد بالإمكان تغيير الإعداد {key}.</translation>
  </message>
  <message>
   <source>The setting {key} changes from {before} to {after}.</source>
   <translation>يتغير الإعداد {key} من {before} إلى {after}.</translation>
  </message>
  <message>
   <source>The settings file was invalid ({reason}). Paragone moved it to {aside} and uses the defaults.</source>
   <translation>كان ملف الإعدادات معطوبًا ({reason}). حُفظ باسم ‎{aside}‎؛ وتُستخدم القيم المبدئية.</translation>
  </message>
  <message>
   <source>The settings file {path} could not be read: {reason}.</source>
   <translation>لا يمكن قراءة ملف الإعدادات ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>The settings file {path} could not be saved: {reason}.</source>
   <translation>لا يمكن حفظ ملف الإعدادات ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>The settings file {path} is invalid and could not be moved: {reason}.</source>
   <translation>ملف الإعدادات ‎{path}‎ معطوب ولا يمكن تنحيته جانبًا: {reason}.</translation>
  </message>
  <message>
   <source>The settings file {path} is invalid: {reason}.</source>
   <translation>ملف الإعدادات ‎{path}‎ تالف: {reason}.</translation>
  </message>
  <message>
   <source>The sign-in at “{server}” was rejected{said}</source>
   <translation>رُفض تسجيل الدخول إلى «{server}»{said}</translation>
  </message>
  <message>
   <source>The sign-in failed. Paragone shows the reason. You can close this page.</source>
   <translation>لم ينجح تسجيل الدخول. يوضح Paragone السبب؛ يمكنك إغلاق هذه الصفحة.</translation>
  </message>
  <message>
   <source>The sign-in has expired{said}</source>
   <translation>انتهى تسجيل الدخول ويجب تكراره{said}</translation>
  </message>
  <message>
   <source>The sign-in in the browser was not completed within {minutes} minutes.</source>
   <translation>لم يعد المتصفح خلال {minutes} دقائق.</translation>
  </message>
  <message>
   <source>The sign-in is kept until Paragone quits.</source>
   <translation>يُحفظ تسجيل الدخول لهذا التشغيل فقط.</translation>
  </message>
  <message>
   <source>The sign-in server did not return an account.</source>
   <translation>لم يذكر خادم تسجيل الدخول من سجّل الدخول.</translation>
  </message>
  <message>
   <source>The sign-in server redirected to a page that does not use HTTPS.</source>
   <translation>يذكر خادم تسجيل الدخول صفحة ليست عنوان https آمنًا.</translation>
  </message>
  <message>
   <source>The sign-in server {host} is unavailable, or something on the network is responding in its place.</source>
   <translation>خادم تسجيل الدخول {host} معطّل، أو أن شيئًا في الطريق يجيب بدلًا منه.</translation>
  </message>
  <message>
   <source>The sign-in server's address must begin with https://.</source>
   <translation>خادم تسجيل الدخول ليس عنوان https.</translation>
  </message>
  <message>
   <source>The sign-in was canceled.</source>
   <translation>أُلغي تسجيل الدخول.</translation>
  </message>
  <message>
   <source>The sign-in was declined{said}</source>
   <translation>رُفض تسجيل الدخول من المستخدم{said}</translation>
  </message>
  <message>
   <source>The sign-in was rejected{said}</source>
   <translation>رُفض تسجيل الدخول{said}</translation>
  </message>
  <message>
   <source>The sign-in “{item}” may belong to another server, so it is not used.</source>
   <translation>ربما كان تسجيل الدخول «{item}» لخادم آخر. وهو غير مستخدم.</translation>
  </message>
  <message>
   <source>The smallest difference the run can detect with 80% power is {points} points out of 100.</source>
   <translation>أصغر فرق يُظهره أربع مرات من خمس هو {points} نقطة من 100.</translation>
  </message>
  <message>
   <source>The stored key was entered for {host} and is only sent there. Enter a key for this server.</source>
   <translation>أُعطي المفتاح لـ ‎{host}‎ ولا يُرسل إلى غيره. أدخل مفتاح هذا الخادم.</translation>
  </message>
  <message>
   <source>The successor receives the requests that the old model answered in your conversations. You compare both responses without knowing which is which. The old model's responses are those in your history; nothing is sent before you have seen a preview.</source>
   <translation>يتلقى البديل الطلبات التي أجاب عنها النموذج القديم في محادثاتك. تقارن بين الإجابتين دون أن تعرف أيهما لأي نموذج. إجابات النموذج القديم هي التي في سجلك؛ ولا يُرسل شيء قبل أن ترى معاينة.</translation>
  </message>
  <message>
   <source>The suite</source>
   <translation>مجموعة الاختبار</translation>
  </message>
  <message>
   <source>The suite for this run is damaged, so the prompt is unknown.</source>
   <translation>مجموعة اختبار هذا التشغيل تالفة: لا يُعرف ما الذي سُئل.</translation>
  </message>
  <message>
   <source>The suite has no cases.</source>
   <translation>ليس في السلسلة حالة.</translation>
  </message>
  <message>
   <source>The suite would produce {cells} responses; the maximum is {most}.</source>
   <translation>تطلب السلسلة {cells} من الإجابات؛ والأقصى {most}.</translation>
  </message>
  <message>
   <source>The system prompt for new conversations.</source>
   <translation>موجّه النظام للمحادثات الجديدة.</translation>
  </message>
  <message>
   <source>The system prompt is larger than {most} MB.</source>
   <translation>موجّه النظام أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>The table has no prompt, so the column “{name}” is sent unchanged.</source>
   <translation>ليس في الجدول موجِّه: يُسأل «{name}» كما هو.</translation>
  </message>
  <message numerus="yes">
   <source>The table lists {n} more pairs.</source>
   <translation>
    <numerusform>لا أزواج أخرى في الجدول.</numerusform>
    <numerusform>زوج آخر في الجدول.</numerusform>
    <numerusform>زوجان آخران في الجدول.</numerusform>
    <numerusform>{n} أزواج أخرى في الجدول.</numerusform>
    <numerusform>{n} زوجًا آخر في الجدول.</numerusform>
    <numerusform>{n} زوج آخر في الجدول.</numerusform>
   </translation>
  </message>
  <message>
   <source>The table was copied.</source>
   <translation>الجدول في الحافظة.</translation>
  </message>
  <message>
   <source>The text is not JSON: {reason}.</source>
   <translation>النص ليس JSON: {reason}.</translation>
  </message>
  <message>
   <source>The text is not valid Unicode.</source>
   <translation>نصه ليس بترميز يونيكود.</translation>
  </message>
  <message>
   <source>The tool calls of this response are not stored: run the case again.</source>
   <translation>استدعاءات أدوات هذه الإجابة غير محفوظة: شغّل الحالة مجددًا.</translation>
  </message>
  <message>
   <source>The tool host did not start: “{reason}”</source>
   <translation>لم يبدأ مضيف الأدوات: «{reason}»</translation>
  </message>
  <message>
   <source>The tool host exited unexpectedly.</source>
   <translation>انتهى مضيف الأدوات على نحو غير متوقع.</translation>
  </message>
  <message>
   <source>The tool host sent an unexpected reply.</source>
   <translation>أرسل مضيف الأدوات ردًا غير متوقع.</translation>
  </message>
  <message>
   <source>The tool host stopped responding.</source>
   <translation>توقف مضيف الأدوات عن الاستجابة.</translation>
  </message>
  <message>
   <source>The tool host was closed.</source>
   <translation>أُغلق مضيف الأدوات.</translation>
  </message>
  <message>
   <source>The tool server “{name}” did not ask for a sign-in.</source>
   <translation>لم يطلب خادم الأدوات «{name}» تسجيل الدخول.</translation>
  </message>
  <message>
   <source>The tool server “{name}” does not use a sign-in.</source>
   <translation>لا يستخدم خادم الأدوات «{name}» تسجيل الدخول.</translation>
  </message>
  <message>
   <source>The tool server “{name}” has no value for {missing}.</source>
   <translation>ليس لخادم الأدوات «{name}» قيمة لـ {missing}.</translation>
  </message>
  <message>
   <source>The tool server “{server}” could not be reached{said}</source>
   <translation>تعذّر الوصول إلى خادم الأدوات «{server}»{said}</translation>
  </message>
  <message>
   <source>The tool server “{server}” could not be started{said}</source>
   <translation>تعذّر تشغيل خادم الأدوات «{server}»{said}</translation>
  </message>
  <message>
   <source>The tool server “{server}” did not start in time{said}</source>
   <translation>لم يبدأ خادم الأدوات «{server}» في الوقت المحدد{said}</translation>
  </message>
  <message>
   <source>The tool server “{server}” exited{said}</source>
   <translation>انتهى خادم الأدوات «{server}»{said}</translation>
  </message>
  <message>
   <source>The tool server “{server}” is not running.</source>
   <translation>خادم الأدوات «{server}» لا يعمل.</translation>
  </message>
  <message>
   <source>The tool server “{server}” redirects to {address}.</source>
   <translation>يحيل خادم الأدوات «{server}» إلى {address}.</translation>
  </message>
  <message>
   <source>The tool server “{server}” reported an error{said}</source>
   <translation>أبلغ خادم الأدوات «{server}» عن خطأ{said}</translation>
  </message>
  <message>
   <source>The tool server “{server}” sent a message that is longer than 16 MB.</source>
   <translation>أرسل خادم الأدوات «{server}» رسالة أطول من 16 MB.</translation>
  </message>
  <message>
   <source>The tool server “{server}” sent an invalid message{said}</source>
   <translation>أرسل خادم الأدوات «{server}» رسالة غير صالحة{said}</translation>
  </message>
  <message>
   <source>The tool “{tool}” of “{server}” took too long.</source>
   <translation>استغرقت الأداة «{tool}» من «{server}» وقتًا أطول من اللازم.</translation>
  </message>
  <message>
   <source>The tools of {names} are not known until the server is started. Calls of tools that you did not allow will be denied.</source>
   <translation>لا تُعرف أدوات {names} حتى يُشغَّل الخادم. ستُمنع استدعاءات الأدوات التي لم تسمح بها.</translation>
  </message>
  <message>
   <source>The tools of {names} are not known, so models are not offered them.</source>
   <translation>أدوات {names} غير معروفة، لذا لا تُعرض على النماذج.</translation>
  </message>
  <message>
   <source>The tools of {name} are not available: {reason} {hint}</source>
   <translation>أدوات {name} غير متاحة: {reason} {hint}</translation>
  </message>
  <message>
   <source>The turns are a sample of the past. Future prompts may differ, and a hosted model can change under the same name.</source>
   <translation>الأدوار عيّنة من الماضي. قد تختلف الموجّهات في المستقبل، وقد يتغيّر نموذج مستضاف تحت الاسم نفسه.</translation>
  </message>
  <message>
   <source>The two runs have no case in common and cannot be compared.</source>
   <translation>لا حالة مشتركة بين التشغيلين: لا شيء يمكن مقارنته.</translation>
  </message>
  <message>
   <source>The two runs have no contender with the same name.</source>
   <translation>ليس في التشغيلين متنافس يحمل الاسم نفسه.</translation>
  </message>
  <message>
   <source>The type {kind} of the connection “{name}” is not available.</source>
   <translation>الاتصال «‎{name}‎» من النوع {kind}، وهو غير متاح.</translation>
  </message>
  <message>
   <source>The unencrypted files are overwritten. Solid-state drives, snapshots and system backups may still contain copies.</source>
   <translation>تُكتب بيانات أخرى فوق الملفات الصريحة. وقد تظل الأقراص الصلبة الساكنة (SSD) واللقطات ونسخ النظام الاحتياطية تحتفظ بها.</translation>
  </message>
  <message>
   <source>The update file is not signed by the expected key.</source>
   <translation>ملف التحديثات غير موقّع بالمفتاح المتوقع.</translation>
  </message>
  <message>
   <source>The update file is outdated. It was valid until {day}.</source>
   <translation>ملف التحديثات قديم. كان صالحًا حتى {day}.</translation>
  </message>
  <message>
   <source>The update file or its key is invalid.</source>
   <translation>ملف التحديثات أو مفتاحه غير صالح.</translation>
  </message>
  <message>
   <source>The value is too long for the keyring.</source>
   <translation>ما يُراد حفظه أطول مما تتسع له حلقة المفاتيح.</translation>
  </message>
  <message>
   <source>The value must be {expected}, not “{typed}”. The previous value was kept.</source>
   <translation>يقبل {expected}، لا «‎{typed}‎». تبقى القيمة الأخيرة.</translation>
  </message>
  <message>
   <source>The value must be {expected}.</source>
   <translation>يقبل {expected}.</translation>
  </message>
  <message>
   <source>The value of the header “{name}” contains characters that are not allowed.</source>
   <translation>تحتوي قيمة الترويسة «{name}» على محارف غير مسموح بها.</translation>
  </message>
  <message>
   <source>The value of “{name}” is not a valid JSON Schema.</source>
   <translation>ما يقارن به «{name}» الإجابة ليس JSON Schema.</translation>
  </message>
  <message>
   <source>The variable “{name}” must be text, not {kind}.</source>
   <translation>المتغير «{name}» نص، وليس {kind}.</translation>
  </message>
  <message>
   <source>The verdict is about one person's turns and taste. “You” and “your work” are the person who made this replay; for others the result may differ.</source>
   <translation>الحكم خاص بأدوار شخص واحد وذوقه. المقصود بـ«أنت» و«عملك» من أنشأ إعادة التشغيل هذه؛ وقد تختلف النتيجة عند غيره.</translation>
  </message>
  <message>
   <source>The verdict was seen before the review was complete. The interval takes this into account.</source>
   <translation>شوهد الحكم قبل اكتمال المراجعة. والمجال يأخذ ذلك في الحسبان.</translation>
  </message>
  <message>
   <source>The verdict was shown before the review was complete</source>
   <translation>عُرض الحكم قبل اكتمال المراجعة</translation>
  </message>
  <message>
   <source>The vote cannot be saved: {reason}.</source>
   <translation>لا يمكن حفظ الصوت: {reason}.</translation>
  </message>
  <message>
   <source>The vote was withdrawn.</source>
   <translation>سُحب الصوت.</translation>
  </message>
  <message>
   <source>The vote was withdrawn: it is still stored, but it is not counted.</source>
   <translation>سُحب الصوت. يبقى محفوظًا ولا يُحسب.</translation>
  </message>
  <message>
   <source>The votes are still being counted.</source>
   <translation>ما زالت الأصوات تُعدّ.</translation>
  </message>
  <message>
   <source>The votes in this file are not a list.</source>
   <translation>الأصوات فيه ليست قائمة.</translation>
  </message>
  <message>
   <source>The word could not be saved in {file}: {reason}.</source>
   <translation>تعذّر حفظ الكلمة في {file}: {reason}.</translation>
  </message>
  <message>
   <source>The {kind} could not be created.</source>
   <translation>تعذّر إنشاء ملف {kind}.</translation>
  </message>
  <message numerus="yes">
   <source>The {n} oldest turns were left out: the conversation no longer fits in the model's context window.</source>
   <translation>
    <numerusform>لم يُترك أي دور: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
    <numerusform>تُرك أقدم دور: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
    <numerusform>تُرك أقدم دورين: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
    <numerusform>تُركت أقدم {n} أدوار: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
    <numerusform>تُرك أقدم {n} دورًا: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
    <numerusform>تُرك أقدم {n} دور: المحادثة لم تعد تتّسع لها نافذة سياق النموذج.</numerusform>
   </translation>
  </message>
  <message>
   <source>The {panel} panel is closed.</source>
   <translation>{panel}: مغلق.</translation>
  </message>
  <message>
   <source>The {panel} panel is open beside the panes.</source>
   <translation>{panel}: مفتوح بجانب اللوحات.</translation>
  </message>
  <message>
   <source>Theme</source>
   <translation>السمة</translation>
  </message>
  <message>
   <source>There are no contenders yet.</source>
   <translation>لا يوجد متنافس بعد.</translation>
  </message>
  <message>
   <source>There are no prompts yet.</source>
   <translation>لا يوجد طلب بعد.</translation>
  </message>
  <message>
   <source>There are no responses yet.</source>
   <translation>لم تصل أي إجابة بعد.</translation>
  </message>
  <message>
   <source>There are no votes yet. To start a blind round, press Ctrl+Shift+B in a comparison.</source>
   <translation>لا صوت محسوبًا بعد. ابدأ جولة عمياء في مقارنة: Ctrl+Shift+B.</translation>
  </message>
  <message>
   <source>There are too few responses to compare models. Each model needs {n}.</source>
   <translation>الإجابات قليلة جدًا للمقارنة بين النماذج. يلزم {n} لكل نموذج.</translation>
  </message>
  <message numerus="yes">
   <source>There are {n} more problems.</source>
   <translation>
    <numerusform>لا مشكلات أخرى.</numerusform>
    <numerusform>توجد مشكلة أخرى.</numerusform>
    <numerusform>توجد مشكلتان أخريان.</numerusform>
    <numerusform>توجد {n} مشكلات أخرى.</numerusform>
    <numerusform>توجد {n} مشكلة أخرى.</numerusform>
    <numerusform>توجد {n} مشكلة أخرى.</numerusform>
   </translation>
  </message>
  <message>
   <source>There can be at most {most} presets.</source>
   <translation>يمكن أن يكون هناك {most} من الإعدادات المسبقة على الأكثر.</translation>
  </message>
  <message>
   <source>There can be at most {n} tool servers.</source>
   <translation>يمكن أن يكون هناك {n} من خوادم الأدوات على الأكثر.</translation>
  </message>
  <message>
   <source>There is already a blind vote on these responses.</source>
   <translation>أُعطي صوت أعمى لهذه الإجابات: سيبقى.</translation>
  </message>
  <message>
   <source>There is already a tool server “{name}”.</source>
   <translation>هناك بالفعل خادم أدوات «{name}».</translation>
  </message>
  <message>
   <source>There is no column “{name}”. The columns are: {names}.</source>
   <translation>لا يوجد عمود باسم «{name}». الأعمدة هي: {names}.</translation>
  </message>
  <message>
   <source>There is no comparison “{id}”.</source>
   <translation>لا توجد مقارنة «{id}».</translation>
  </message>
  <message>
   <source>There is no complete response to review.</source>
   <translation>لم يأتِ جواب هنا: لا شيء للمراجعة.</translation>
  </message>
  <message>
   <source>There is no connection named “{name}”.</source>
   <translation>لا يوجد اتصال باسم «‎{name}‎».</translation>
  </message>
  <message>
   <source>There is no conversation “{id}”.</source>
   <translation>لا توجد محادثة «{id}».</translation>
  </message>
  <message>
   <source>There is no free port on this computer to receive the browser's response.</source>
   <translation>لا يوجد منفذ متاح على هذا الحاسوب ليعود إليه المتصفح.</translation>
  </message>
  <message>
   <source>There is no grader for “{name}”.</source>
   <translation>لا يوجد هنا مُقيِّم يفعل ما يفعله «{name}».</translation>
  </message>
  <message>
   <source>There is no import to undo.</source>
   <translation>لا يوجد استيراد يمكن التراجع عنه.</translation>
  </message>
  <message>
   <source>There is no known price for {names}.</source>
   <translation>لا يُعرف سعر لـ {names}.</translation>
  </message>
  <message>
   <source>There is no log.</source>
   <translation>لا يوجد سجل.</translation>
  </message>
  <message>
   <source>There is no printer on this computer. Export a PDF instead.</source>
   <translation>لا توجد طابعة على هذا الحاسوب. صدّر ملف PDF بدلًا من ذلك.</translation>
  </message>
  <message>
   <source>There is no program “{program}”. {logged}</source>
   <translation>لا يوجد برنامج «{program}». {logged}</translation>
  </message>
  <message>
   <source>There is no prompt to repeat. Type a prompt.</source>
   <translation>لا يوجد موجّه للسؤال عدة مرات: اكتب واحدًا.</translation>
  </message>
  <message>
   <source>There is no prompt to send again yet.</source>
   <translation>لا يوجد بعدُ موجّه تُعاد الإجابة عنه.</translation>
  </message>
  <message>
   <source>There is no response “{id}”.</source>
   <translation>لا توجد إجابة «{id}».</translation>
  </message>
  <message>
   <source>There is no run “{id}”.</source>
   <translation>لا يوجد تشغيل «{id}».</translation>
  </message>
  <message>
   <source>There is no tool server {names}.</source>
   <translation>لا يوجد خادم أدوات {names}.</translation>
  </message>
  <message>
   <source>There is no tool server “{name}”.</source>
   <translation>لا يوجد خادم أدوات «{name}».</translation>
  </message>
  <message>
   <source>There is no variable column.</source>
   <translation>لا يوجد عمود لمتغير.</translation>
  </message>
  <message>
   <source>There is no verdict to undo.</source>
   <translation>لا يوجد حكم يمكن التراجع عنه.</translation>
  </message>
  <message>
   <source>There is no vote “{id}”.</source>
   <translation>لا يوجد صوت «{id}».</translation>
  </message>
  <message>
   <source>There is not enough disk space to store {name}.</source>
   <translation>لا مكان لحفظ {name}: القرص ممتلئ.</translation>
  </message>
  <message>
   <source>There is nothing new to import.</source>
   <translation>لا جديد هنا.</translation>
  </message>
  <message>
   <source>There is nothing to export yet.</source>
   <translation>لا يوجد شيء لتصديره بعد.</translation>
  </message>
  <message>
   <source>There is nothing to replay.</source>
   <translation>لا شيء لإعادة تشغيله.</translation>
  </message>
  <message numerus="yes">
   <source>These chats are older than the comparison.</source>
   <translation>
    <numerusform>هذه المحادثة أقدم من المقارنة.</numerusform>
    <numerusform>هذه المحادثة أقدم من المقارنة.</numerusform>
    <numerusform>هاتان المحادثتان أقدم من المقارنة.</numerusform>
    <numerusform>هذه المحادثات أقدم من المقارنة.</numerusform>
    <numerusform>هذه المحادثات أقدم من المقارنة.</numerusform>
    <numerusform>هذه المحادثات أقدم من المقارنة.</numerusform>
   </translation>
  </message>
  <message>
   <source>These headers for “{name}” contain keys and are stored in the settings file because the keyring did not accept them: {names}.</source>
   <translation>هذه الترويسات للاتصال «{name}» تحمل مفاتيح وهي في ملف الإعدادات لأن حلقة المفاتيح لم تقبلها: {names}.</translation>
  </message>
  <message>
   <source>These kinds were not planned, so they are exploratory: confirm what they show on new turns. The intervals are corrected for the number of kinds. A turn can be of several kinds.</source>
   <translation>لم تُخطط هذه الأنواع مسبقًا، فهي استكشافية: تحقّق مما تُظهره على أدوار جديدة. المجالات مصحّحة لعدد الأنواع. قد يكون الدور من أنواع عدة.</translation>
  </message>
  <message>
   <source>These models were never compared, directly or indirectly, so they are not ranked against each other: {parts}.</source>
   <translation>لم تلتقِ هذه قط، ولا عبر غيرها، فلا تُرتب: {parts}.</translation>
  </message>
  <message>
   <source>These older copies are still unencrypted: {folders}</source>
   <translation>نُحّيت جانبًا من قبل، وما زالت نصًا صريحًا: {folders}‏</translation>
  </message>
  <message>
   <source>These parameters can change how the provider handles requests and are sent only if you allow them:</source>
   <translation>قد توجّه هذه المعاملات المزوّد، ولا تُرسل إلا إذا سمحت بها:</translation>
  </message>
  <message>
   <source>These responses are too long to compare.</source>
   <translation>هذه الإجابات أطول من أن تُقابل إحداها بالأخرى.</translation>
  </message>
  <message>
   <source>These votes do not support any conclusion yet.</source>
   <translation>لا يمكن ادعاء شيء من هذه الأصوات بعد.</translation>
  </message>
  <message>
   <source>These votes do not yield a finite estimate.</source>
   <translation>لا تقدير منتهيًا لهذه الأصوات.</translation>
  </message>
  <message>
   <source>This API at {host} does not support chat with the model ({status}){said}</source>
   <translation>لا يجيب النموذج عن المحادثات على هذه الواجهة من {host} ({status}){said}</translation>
  </message>
  <message>
   <source>This Markdown file has no headings such as “## User” or “## Assistant” that say who is speaking.</source>
   <translation>هو Markdown، ولا عنوان فيه مثل «## User» أو «## Assistant» يقول من يتكلم.</translation>
  </message>
  <message>
   <source>This blind round has not been revealed yet: an export would reveal the models.</source>
   <translation>لم تُكشف هذه الجولة العمياء بعد: التصدير يُظهر أصحاب الإجابات.</translation>
  </message>
  <message>
   <source>This blind round was ended in another window. Votes in this window are not saved.</source>
   <translation>أُنهيت هذه الجولة في نافذة أخرى: لا يُحفظ صوت أُعطي هنا.</translation>
  </message>
  <message>
   <source>This branch</source>
   <translation>هذا الفرع</translation>
  </message>
  <message>
   <source>This build of Paragone does not know where updates are announced.</source>
   <translation>لا تعرف هذه النسخة من Paragone أين يُعلن عن التحديثات.</translation>
  </message>
  <message>
   <source>This build of SQLite does not support encryption. Nothing was written.</source>
   <translation>هذا البناء من SQLite لا يستطيع التشفير: لم يُكتب شيء.</translation>
  </message>
  <message>
   <source>This case has no prompt.</source>
   <translation>لا يوجد موجِّه لهذه الحالة.</translation>
  </message>
  <message>
   <source>This chat is saved from now on.</source>
   <translation>تُحفظ هذه المحادثة من الآن.</translation>
  </message>
  <message>
   <source>This chat is temporary: nothing in it is saved. Keep saves it.</source>
   <translation>هذه المحادثة مؤقتة: لا يُحفظ منها شيء. «احتفاظ» يحفظها.</translation>
  </message>
  <message>
   <source>This chat now uses {model}.</source>
   <translation>تذهب هذه المحادثة إلى {model}.</translation>
  </message>
  <message>
   <source>This comparison</source>
   <translation>هذه المقارنة</translation>
  </message>
  <message>
   <source>This computer has no keyring that stores keys securely.</source>
   <translation>ليس في هذا الجهاز حلقة مفاتيح تحفظ المفاتيح بأمان.</translation>
  </message>
  <message>
   <source>This computer has no usable keyring: the key is kept in memory until Paragone quits, never in a file.</source>
   <translation>ليس في هذا الحاسوب حلقة مفاتيح صالحة للاستخدام: يُحتفظ بالمفتاح لهذا التشغيل فقط، لا في ملف أبدًا.</translation>
  </message>
  <message>
   <source>This connection is managed by your organization.</source>
   <translation>هذا الاتصال لمؤسستك.</translation>
  </message>
  <message>
   <source>This conversation contains text from outside (web, mail or files of others), which may try to misuse this tool.</source>
   <translation>تحتوي هذه المحادثة على نص من الخارج (من الويب أو البريد أو ملفات الآخرين) قد يحاول إساءة استخدام هذه الأداة.</translation>
  </message>
  <message>
   <source>This conversation has no message {message}.</source>
   <translation>ليس في هذه المحادثة الرسالة {message}.</translation>
  </message>
  <message>
   <source>This conversation is too long to print.</source>
   <translation>هذه المحادثة أطول من أن تُطبع من هنا.</translation>
  </message>
  <message>
   <source>This conversation was deleted, so its texts cannot be shown.</source>
   <translation>حُذفت هذه المحادثة، لذلك لا يمكن عرض نصوصها.</translation>
  </message>
  <message>
   <source>This conversation was imported with parameters that are sent with every prompt: {parameters}.</source>
   <translation>استُوردت هذه المحادثة مع معاملات تُرسل مع كل طلب: {parameters}.</translation>
  </message>
  <message>
   <source>This desktop does not offer shortcuts to programs. Turn off “Desktop shortcut” in the settings.</source>
   <translation>لا يتيح سطح المكتب هذا اختصارات للبرامج. أوقف «اختصار سطح المكتب» في الإعدادات.</translation>
  </message>
  <message>
   <source>This endpoint at {host} has been retired ({status}){said}</source>
   <translation>أُلغي هذا المسار في ‎{host}‎ ({status}){said}‏</translation>
  </message>
  <message>
   <source>This entry is not a table.</source>
   <translation>ليس جدولًا.</translation>
  </message>
  <message>
   <source>This file does not exist.</source>
   <translation>لا يوجد ملف كهذا.</translation>
  </message>
  <message>
   <source>This file is not encoded in UTF-8. Save it as UTF-8.</source>
   <translation>ليس هذا UTF-8: احفظ الملف بترميز UTF-8.</translation>
  </message>
  <message>
   <source>This file is not marked as a suite: suites begin with `{line}`.</source>
   <translation>لا يقول الملف إنه سلسلة: يبدأ بـ `{line}`.</translation>
  </message>
  <message>
   <source>This grader judges pairs of responses once all responses have arrived.</source>
   <translation>يحكم على الإجابات أزواجًا حين تكتمل.</translation>
  </message>
  <message>
   <source>This history cannot decide it: more than {most} further reviews would be needed.</source>
   <translation>لا يمكن لهذا السجل أن يحسم الأمر: يلزم أكثر من {most} مراجعة أخرى.</translation>
  </message>
  <message>
   <source>This is an indication, not a verdict: no person reviewed anything.</source>
   <translation>هذه إشارة لا حكم: لم يراجع أي شخص شيئًا.</translation>
  </message>
  <message>
   <source>This is not a valid name for an environment variable.</source>
   <translation>هذا ليس اسم متغيّر بيئة.</translation>
  </message>
  <message>
   <source>This is not a valid promptfoo configuration.</source>
   <translation>ليس هذا ملف إعدادات لـ promptfoo.</translation>
  </message>
  <message>
   <source>This is not the recovery code for these conversations.</source>
   <translation>هذا ليس رمز استرداد هذه المحادثات.</translation>
  </message>
  <message>
   <source>This is the newest version.</source>
   <translation>هذا أحدث إصدار.</translation>
  </message>
  <message>
   <source>This item contains text or a number that cannot be saved.</source>
   <translation>يحتوي على نص أو رقم لا يمكن حفظه.</translation>
  </message>
  <message>
   <source>This key belongs to another program. Create an API key with the provider, and enter it.</source>
   <translation>هذا المفتاح يخص برنامجًا آخر: أنشئ مفتاح API لدى الخدمة وأدخله.</translation>
  </message>
  <message>
   <source>This looks like a promptfoo file: import it with `{command}`.</source>
   <translation>يبدو هذا ملفًا لـ promptfoo: يأخذه `{command}`.</translation>
  </message>
  <message>
   <source>This message is not part of the conversation.</source>
   <translation>هذه الرسالة ليست جزءًا من المحادثة.</translation>
  </message>
  <message>
   <source>This month</source>
   <translation>هذا الشهر</translation>
  </message>
  <message>
   <source>This month's budget of {budget} USD is used up ({spent} USD spent). Nothing was sent to {destination}.</source>
   <translation>أُنفقت ميزانية هذا الشهر البالغة {budget} دولار ({spent} دولار): لم يُرسل شيء إلى {destination}.</translation>
  </message>
  <message>
   <source>This month's budget of {budget} USD is used up: the response was ended before the next tool call.</source>
   <translation>نفدت ميزانية هذا الشهر البالغة {budget} USD: أُنهيت الإجابة قبل استدعاء الأداة التالي.</translation>
  </message>
  <message>
   <source>This name cannot be changed because conversations refer to it.</source>
   <translation>تعرف المحادثات نموذجها بهذا الاسم: لذلك يبقى كما هو.</translation>
  </message>
  <message>
   <source>This new chat with {model} continues “{title}” and includes its messages.</source>
   <translation>تُكمل هذه المحادثة الجديدة مع {model} المحادثة «{title}»، وتُرسل ما قيل فيها معها.</translation>
  </message>
  <message>
   <source>This processor cannot run the embedded model.</source>
   <translation>لا يستطيع هذا المعالج تشغيل النموذج المضمّن.</translation>
  </message>
  <message>
   <source>This prompt contains no text.</source>
   <translation>لا نص في هذا الموجِّه.</translation>
  </message>
  <message>
   <source>This recovery code is incomplete or contains a wrong character.</source>
   <translation>هذا ليس رمز استرداد كاملًا، أو أن أحد حروفه خطأ.</translation>
  </message>
  <message>
   <source>This replay is a batch: its prompts are in files on the server.</source>
   <translation>هذه الإعادة دفعة: مطالباتها في ملفات على الخادم.</translation>
  </message>
  <message>
   <source>This replay is damaged: its plan could not be read.</source>
   <translation>إعادة التشغيل هذه تالفة: لا يمكن قراءة خطتها.</translation>
  </message>
  <message>
   <source>This replay is damaged: its verdicts could not be read.</source>
   <translation>إعادة التشغيل هذه تالفة: لا يمكن قراءة أحكامها.</translation>
  </message>
  <message>
   <source>This request alone exceeds what {host} accepts per minute (429){said}</source>
   <translation>هذا الطلب وحده أكبر مما يقبله {host} في الدقيقة (429){said}</translation>
  </message>
  <message>
   <source>This request cannot be repeated because its receipt is damaged.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: جزء منه تالف.</translation>
  </message>
  <message>
   <source>This request cannot be repeated because these attachments no longer exist: {names}.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: {names} أُرسل معه ولم يعد من الممكن العثور عليه.</translation>
  </message>
  <message>
   <source>This request cannot be repeated by itself, because it has a response schema.</source>
   <translation>لا يمكن تكرار هذا الطلب وحده، لأن له مخطط إجابة.</translation>
  </message>
  <message>
   <source>This request cannot be repeated by itself, because it offers tools (field “tools”).</source>
   <translation>لا يمكن تكرار هذا الطلب وحده، لأنه يعرض أدوات (الحقل «tools»).</translation>
  </message>
  <message>
   <source>This request cannot be repeated: Paragone never sends requests in this form.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: ليس طلبًا يكتبه Paragone.</translation>
  </message>
  <message>
   <source>This request cannot be repeated: Paragone never sends the field “{field}” in this form.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: لا يكتب Paragone ما فيه من «{field}».</translation>
  </message>
  <message>
   <source>This request cannot be repeated: it asks for a different model than the one that responded.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: يطلب نموذجًا غير الذي أجاب.</translation>
  </message>
  <message>
   <source>This request cannot be repeated: it contains a key, and the connection “{connection}” now points to a different server.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: فيه مفتاح، والاتصال «{connection}» يقود الآن إلى خادم آخر.</translation>
  </message>
  <message>
   <source>This request cannot be repeated: the connection “{connection}” now uses a different API format.</source>
   <translation>لا يمكن إرساله مرة أخرى كما كان: للاتصال «{connection}» صيغة أخرى الآن.</translation>
  </message>
  <message numerus="yes">
   <source>This request cannot be repeated: {n} messages sent with it were deleted.</source>
   <translation>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسالة كانت معه حُذفت.</numerusform>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسالة كانت معه حُذفت.</numerusform>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسالتان كانتا معه حُذفتا.</numerusform>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسائل كانت معه حُذفت.</numerusform>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسالة كانت معه حُذفت.</numerusform>
    <numerusform>لا يمكن إرساله مرة أخرى كما كان: {n} رسالة كانت معه حُذفت.</numerusform>
   </translation>
  </message>
  <message>
   <source>This request has parameters that can change how the provider handles it: {parameters}. Nothing was sent.</source>
   <translation>في هذا الطلب معاملات قد توجّه المزوّد: {parameters}. لم يُرسل شيء.</translation>
  </message>
  <message>
   <source>This resource has no Claude models. Deploy one, or use a resource that has one.</source>
   <translation>لا يقدّم هذا المورد Claude: انشر واحدًا، أو استخدم المورد الذي يملكه.</translation>
  </message>
  <message>
   <source>This response failed.</source>
   <translation>فشلت هذه الإجابة.</translation>
  </message>
  <message>
   <source>This response has no receipt: it was generated before receipts existed, it was imported, or its request never reached a server.</source>
   <translation>لا إيصال لهذا الرد: فهو أقدم من الإيصالات، أو مستورد، أو لم يصل إلى خادم.</translation>
  </message>
  <message>
   <source>This response is still being generated.</source>
   <translation>ما زالت هذه الإجابة قيد الإنشاء.</translation>
  </message>
  <message>
   <source>This response reached its limit.</source>
   <translation>بلغت هذه الإجابة حدها.</translation>
  </message>
  <message>
   <source>This response was imported. If you continue it, its text is sent to the model as the model's own response.</source>
   <translation>استُوردت هذه الإجابة ولم تُكتب هنا. متابعتها تقول للنموذج إنه قال هذه الكلمات بنفسه.</translation>
  </message>
  <message>
   <source>This response was stopped when Paragone quit.</source>
   <translation>أُوقفت هذه الإجابة عند إنهاء Paragone.</translation>
  </message>
  <message>
   <source>This response was stopped.</source>
   <translation>أُوقفت هذه الإجابة.</translation>
  </message>
  <message>
   <source>This run does not show that any contender is better than another.</source>
   <translation>لا يُظهر هذا التشغيل أن أي متنافس أفضل من آخر.</translation>
  </message>
  <message>
   <source>This run is a batch: its prompts are in files on the server.</source>
   <translation>هذا التشغيل دفعة: مطالباته في ملفات لدى الخادم.</translation>
  </message>
  <message>
   <source>This run is already in progress.</source>
   <translation>هذا التشغيل جارٍ بالفعل.</translation>
  </message>
  <message>
   <source>This run is damaged: its suite could not be read.</source>
   <translation>هذا التشغيل تالف على القرص: لا يمكن قراءة مجموعته.</translation>
  </message>
  <message>
   <source>This run is not a batch: its prompts are sent one by one.</source>
   <translation>هذا التشغيل ليس دفعة: تُرسل مطالباته واحدة واحدة.</translation>
  </message>
  <message>
   <source>This run would have {cells}. Use fewer cases, contenders or repeats.</source>
   <translation>سيكون لهذا {cells}: خُذ حالات أو متنافسين أو تكرارات أقل.</translation>
  </message>
  <message>
   <source>This schema was not checked: checking all schemas in a suite is limited to 2 seconds and 1 MB in total.</source>
   <translation>لم يُفحَص هذا المخطط: لا يجوز أن تستغرق مخططات مجموعة الاختبار كلها معًا أكثر من ثانيتين و1 ميغابايت.</translation>
  </message>
  <message>
   <source>This server does not list its deployments. Enter a deployment name to try it.</source>
   <translation>لا تُسرد عمليات النشر هنا: اذكر اسم إحداها لتجربتها.</translation>
  </message>
  <message>
   <source>This server does not list its models. If the address is correct, enter a model name.</source>
   <translation>هذا الخادم لا يسرد نماذجه. إن كان عنوانه صحيحًا فأضف اسم نموذج.</translation>
  </message>
  <message>
   <source>This server was removed.</source>
   <translation>أزيل هذا الخادم.</translation>
  </message>
  <message>
   <source>This suite does not specify a model.</source>
   <translation>لا تسمّي هذه المجموعة أي نموذج يُسأل.</translation>
  </message>
  <message>
   <source>This suite has no cases.</source>
   <translation>لا حالات في هذه المجموعة.</translation>
  </message>
  <message>
   <source>This suite has no tools, so it needs no tool results of another run.</source>
   <translation>ليس في هذه المجموعة أدوات، فلا تحتاج إلى نتائج أدوات من تشغيل آخر.</translation>
  </message>
  <message>
   <source>This suite has parameters that can change how the provider handles requests: {names}. Nothing was sent.</source>
   <translation>في هذه المجموعة معاملات قد توجّه المزوّد: {names}. لم يُرسل شيء.</translation>
  </message>
  <message>
   <source>This vote was already removed.</source>
   <translation>لم يعد هذا الصوت موجودًا.</translation>
  </message>
  <message>
   <source>This year</source>
   <translation>هذه السنة</translation>
  </message>
  <message>
   <source>Three versions of a post, in the manner of the network</source>
   <translation>ثلاث صيغ لمنشور، بأسلوب الشبكة</translation>
  </message>
  <message>
   <source>Tie</source>
   <translation>تعادل</translation>
  </message>
  <message>
   <source>Tied</source>
   <translation>تعادل</translation>
  </message>
  <message>
   <source>Ties</source>
   <translation>تعادل</translation>
  </message>
  <message>
   <source>Ties and “both bad” count as half a win for each side.</source>
   <translation>يُحسب التعادل، وسوء الإجابتين معًا، نصف فوز لكل منهما.</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>الوقت</translation>
  </message>
  <message>
   <source>Time limit of a tool call. The wait for your approval does not count.</source>
   <translation>الحد الزمني لاستدعاء الأداة. لا يُحتسب انتظار موافقتك.</translation>
  </message>
  <message>
   <source>Time to first token</source>
   <translation>الزمن حتى أول رمز</translation>
  </message>
  <message>
   <source>Title</source>
   <translation>العنوان</translation>
  </message>
  <message>
   <source>Title contains</source>
   <translation>العنوان يحتوي</translation>
  </message>
  <message>
   <source>Title match</source>
   <translation>تطابق في العنوان</translation>
  </message>
  <message>
   <source>Title model</source>
   <translation>نموذج العناوين</translation>
  </message>
  <message>
   <source>Titles from the chat's model</source>
   <translation>العناوين من نموذج المحادثة</translation>
  </message>
  <message>
   <source>To send the prompt again, choose Regenerate in its chat.</source>
   <translation>لإرسال الموجّه مجددًا، اختر «إعادة التوليد» في محادثته.</translation>
  </message>
  <message>
   <source>To use a model that is not listed, type connection/model</source>
   <translation>ما ليس مدرجًا يُكتب على شكل اتصال/نموذج</translation>
  </message>
  <message>
   <source>Today</source>
   <translation>اليوم</translation>
  </message>
  <message>
   <source>Tokens per second</source>
   <translation>الرموز في الثانية</translation>
  </message>
  <message>
   <source>Tone</source>
   <translation>النبرة</translation>
  </message>
  <message>
   <source>Too few reviewed pairs of any kind.</source>
   <translation>الأزواج المراجَعة من كل نوع قليلة جدًا.</translation>
  </message>
  <message>
   <source>Too many models for one import: the conversation is not listed under its model</source>
   <translation>نماذج أكثر مما يجوز لاستيراد واحد أن يجلبه: لا تُدرج المحادثة تحت أي منها</translation>
  </message>
  <message>
   <source>Too many tags for one import: the rest are left out</source>
   <translation>استُبعدت الوسوم الزائدة على ما يجوز لاستيراد واحد أن يجلبه</translation>
  </message>
  <message>
   <source>Tool</source>
   <translation>أداة</translation>
  </message>
  <message>
   <source>Tool call timeout</source>
   <translation>مهلة استدعاء الأداة</translation>
  </message>
  <message>
   <source>Tool call {tool}</source>
   <translation>استدعاء الأداة {tool}</translation>
  </message>
  <message>
   <source>Tool call: {about}</source>
   <translation>استدعاء أداة: {about}</translation>
  </message>
  <message>
   <source>Tool calls</source>
   <translation>استدعاءات الأدوات</translation>
  </message>
  <message>
   <source>Tool calls and their results are left out</source>
   <translation>تُترك نداءات الأدوات ونتائجها</translation>
  </message>
  <message>
   <source>Tool results</source>
   <translation>نتائج الأدوات</translation>
  </message>
  <message>
   <source>Tool servers could not be saved to {path}: {reason}.</source>
   <translation>تعذّر حفظ خوادم الأدوات في {path}: {reason}.</translation>
  </message>
  <message>
   <source>Tool time</source>
   <translation>وقت الأدوات</translation>
  </message>
  <message>
   <source>Tool time (ms)</source>
   <translation>وقت الأدوات (ms)</translation>
  </message>
  <message>
   <source>Tools</source>
   <translation>الأدوات</translation>
  </message>
  <message>
   <source>Tools (not part of the time above)</source>
   <translation>الأدوات (ليست ضمن الوقت أعلاه)</translation>
  </message>
  <message>
   <source>Tools server MCP add remove test allow deny ask paste configuration mcpServers sign-in OAuth header</source>
   <translation>الأدوات خادم MCP إضافة إزالة اختبار سماح منع سؤال لصق إعدادات mcpServers تسجيل الدخول OAuth ترويسة</translation>
  </message>
  <message>
   <source>Tools: {names}</source>
   <translation>الأدوات: {names}</translation>
  </message>
  <message>
   <source>Tools: {n}</source>
   <translation>الأدوات: {n}</translation>
  </message>
  <message>
   <source>Tools…</source>
   <translation>الأدوات…</translation>
  </message>
  <message>
   <source>Top p</source>
   <translation>Top p</translation>
  </message>
  <message>
   <source>Total cost</source>
   <translation>التكلفة الإجمالية</translation>
  </message>
  <message>
   <source>Total cost cap</source>
   <translation>كم يجوز أن يكلّف إجمالًا؟</translation>
  </message>
  <message>
   <source>Total size per prompt</source>
   <translation>كل ملفات الطلب</translation>
  </message>
  <message>
   <source>Total time</source>
   <translation>الإجابة كاملة</translation>
  </message>
  <message>
   <source>Transcript</source>
   <translation>نص المحادثة</translation>
  </message>
  <message>
   <source>Translate</source>
   <translation>ترجمة</translation>
  </message>
  <message>
   <source>Translate “Where is the station?” into Italian and Japanese.</source>
   <translation>ترجم «أين المحطة؟» إلى الإيطالية واليابانية.</translation>
  </message>
  <message>
   <source>Trash</source>
   <translation>سلة المهملات</translation>
  </message>
  <message numerus="yes">
   <source>Trash (items kept for {n} days)</source>
   <translation>
    <numerusform>سلة المهملات، لا تُحفظ أي يوم</numerusform>
    <numerusform>سلة المهملات، تُحفظ يومًا واحدًا</numerusform>
    <numerusform>سلة المهملات، تُحفظ يومين</numerusform>
    <numerusform>سلة المهملات، تُحفظ {n} أيام</numerusform>
    <numerusform>سلة المهملات، تُحفظ {n} يومًا</numerusform>
    <numerusform>سلة المهملات، تُحفظ {n} يوم</numerusform>
   </translation>
  </message>
  <message>
   <source>Tray icon</source>
   <translation>أيقونة في علبة النظام</translation>
  </message>
  <message>
   <source>Try again in a few minutes. You may have to sign in to the network first.</source>
   <translation>حاول مرة أخرى بعد بضع دقائق. قد يلزم تسجيل الدخول إلى الشبكة أولًا.</translation>
  </message>
  <message>
   <source>Try again in a moment.</source>
   <translation>حاول مجددًا بعد لحظات.</translation>
  </message>
  <message>
   <source>Try again when the computer is less busy. The engine restarts automatically.</source>
   <translation>اسأل مجددًا حين يخفّ الحِمل عن الجهاز؛ يبدأ المحرّك من جديد.</translation>
  </message>
  <message>
   <source>Try again, or ask the server's administrator.</source>
   <translation>حاول مجددًا، أو اسأل مسؤول الخادم.</translation>
  </message>
  <message>
   <source>Try again, or set a longer time limit for this server.</source>
   <translation>حاول مجددًا، أو اضبط مهلة أطول لهذا الخادم.</translation>
  </message>
  <message>
   <source>Try again.</source>
   <translation>حاول مجددًا.</translation>
  </message>
  <message>
   <source>Try again. If it fails again, send this message to your administrator.</source>
   <translation>حاول مرة أخرى؛ وإذا فشل ثانيةً فأعطِ هذه الجملة للمسؤول.</translation>
  </message>
  <message>
   <source>Try again. If the problem persists, check the service's status page.</source>
   <translation>حاول مجددًا؛ وإن استمر ذلك فانظر صفحة حالة الخدمة.</translation>
  </message>
  <message>
   <source>Try again. In Settings › Network, TTFT timeout and Idle timeout set how long to wait.</source>
   <translation>حاول مجددًا. في الإعدادات › الشبكة تحدد «مهلة أول رمز» و«أطول صمت» مدة الانتظار.</translation>
  </message>
  <message>
   <source>Try again. Paragone now sends this model the text of attached files, or images of their pages.</source>
   <translation>اسأل مجددًا: من الآن فصاعدًا يتلقّى هذا النموذج نصّ الملفات أو صور صفحاتها.</translation>
  </message>
  <message>
   <source>Try again. The engine restarts automatically, and everything else keeps working.</source>
   <translation>اسأل مجددًا: يبدأ المحرّك من جديد، وكل ما عداه مستمر.</translation>
  </message>
  <message>
   <source>Try again. The process restarts automatically together with its servers.</source>
   <translation>حاول مجددًا. يُعاد تشغيل العملية مع خوادمها تلقائيًا.</translation>
  </message>
  <message>
   <source>Try again. The text received so far is saved.</source>
   <translation>حاول مجددًا؛ ما وصل من النص محفوظ.</translation>
  </message>
  <message>
   <source>Try again. `network.first_token_timeout_s` and `network.idle_timeout_s` set how long to wait.</source>
   <translation>حاول مجددًا؛ يحدّد `network.first_token_timeout_s` و`network.idle_timeout_s` مدة الانتظار.</translation>
  </message>
  <message>
   <source>Try keyring again</source>
   <translation>سؤال حلقة المفاتيح مجددًا</translation>
  </message>
  <message>
   <source>Trying again in {left} s.</source>
   <translation>تُعاد المحاولة بعد {left} ث.</translation>
  </message>
  <message>
   <source>Trying again.</source>
   <translation>تُعاد المحاولة.</translation>
  </message>
  <message>
   <source>Trying {model}…</source>
   <translation>جارٍ تجربة {model}…</translation>
  </message>
  <message>
   <source>Turkish</source>
   <translation>التركية</translation>
  </message>
  <message>
   <source>Turn</source>
   <translation>الدور</translation>
  </message>
  <message>
   <source>Turn off encryption</source>
   <translation>إيقاف التشفير</translation>
  </message>
  <message>
   <source>Turn off encryption?</source>
   <translation>أتريد إيقاف التشفير؟</translation>
  </message>
  <message>
   <source>Turn off encryption…</source>
   <translation>إيقاف التشفير…</translation>
  </message>
  <message>
   <source>Turn off position bias, or count ties as half wins.</source>
   <translation>استغنِ عن أثر الموضع، أو احسب التعادل أنصافًا.</translation>
  </message>
  <message>
   <source>Turn off the sign-in in the server's settings.</source>
   <translation>أوقف تسجيل الدخول في إعدادات الخادم.</translation>
  </message>
  <message>
   <source>Turn off tools, or choose a model that supports them.</source>
   <translation>أوقف الأدوات، أو اختر نموذجًا يدعمها.</translation>
  </message>
  <message>
   <source>Turn off…</source>
   <translation>إيقاف…</translation>
  </message>
  <message>
   <source>Turn {number}</source>
   <translation>الدور {number}</translation>
  </message>
  <message>
   <source>Turns</source>
   <translation>الأدوار</translation>
  </message>
  <message>
   <source>Turns for which both figures are known.</source>
   <translation>الأدوار التي تُعرف قيمتاها كلتاهما.</translation>
  </message>
  <message>
   <source>Two columns have the same name: “{name}”.</source>
   <translation>عمودان باسم «{name}».</translation>
  </message>
  <message>
   <source>Two contenders have the same name: “{name}”.</source>
   <translation>متنافسان باسم «{name}».</translation>
  </message>
  <message>
   <source>Two messages in “{title}” have the same ID.</source>
   <translation>لرسالتين من «{title}» المعرّف نفسه.</translation>
  </message>
  <message>
   <source>Type below, or start with an example. {destination}</source>
   <translation>اكتب في الأسفل، أو ابدأ بمثال. {destination}‏</translation>
  </message>
  <message>
   <source>Typed prompt: “{prompt}”</source>
   <translation>الطلب المكتوب: «{prompt}»</translation>
  </message>
  <message>
   <source>Undecided: {successor} may or may not be as good as {incumbent} on your work.</source>
   <translation>غير محسوم: {successor} قد يكون بجودة {incumbent} في عملك وقد لا يكون.</translation>
  </message>
  <message>
   <source>Underlines misspelled words in prompts. Words are checked on this computer.</source>
   <translation>يضع خطًا تحت الكلمات ذات الأخطاء الإملائية في الموجّهات. تُدقَّق الكلمات على هذا الحاسوب.</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>تراجع</translation>
  </message>
  <message>
   <source>Undo address correction</source>
   <translation>التراجع عن تغيير العنوان</translation>
  </message>
  <message>
   <source>Undo import</source>
   <translation>التراجع عن الاستيراد</translation>
  </message>
  <message>
   <source>Undo vote</source>
   <translation>سحب الصوت</translation>
  </message>
  <message>
   <source>Unknown note properties and lines above the messages are left out</source>
   <translation>تُترك خصائص الملاحظة والأسطر فوق رسائلها التي لا يعرفها Paragone</translation>
  </message>
  <message>
   <source>Unknown parameters are left out</source>
   <translation>المعاملات التي لا يعرفها Paragone تُترك</translation>
  </message>
  <message>
   <source>Unknown prices are not estimated.</source>
   <translation>السعر غير المعروف لا يُخترع.</translation>
  </message>
  <message>
   <source>Unless a tool has its own setting below</source>
   <translation>ما لم يكن للأداة إعداد خاص أدناه</translation>
  </message>
  <message>
   <source>Unlock the keyring and try again. The keyring was not changed.</source>
   <translation>افتح قفل حلقة المفاتيح وحاول مجددًا؛ لم يتغيّر شيء فيها.</translation>
  </message>
  <message>
   <source>Unmatched calls</source>
   <translation>استدعاءات بلا مقابل</translation>
  </message>
  <message>
   <source>Unpack it yourself, then import the contents.</source>
   <translation>فكّ ضغطه، ثم استورد ما فيه.</translation>
  </message>
  <message>
   <source>Unpin</source>
   <translation>إلغاء التثبيت</translation>
  </message>
  <message>
   <source>Unreadable messages are left out</source>
   <translation>تُترك الرسائل التي لا يمكن قراءتها</translation>
  </message>
  <message>
   <source>Until Paragone quits</source>
   <translation>لهذا التشغيل فقط</translation>
  </message>
  <message>
   <source>Until then, the verdict stays hidden so that it cannot influence you.</source>
   <translation>حتى ذلك الحين يبقى الحكم مخفيًا كي لا يؤثر فيك.</translation>
  </message>
  <message>
   <source>Untitled</source>
   <translation>بلا عنوان</translation>
  </message>
  <message>
   <source>Unwrap</source>
   <translation>دون لفّ الأسطر</translation>
  </message>
  <message>
   <source>Update the server, or choose another model.</source>
   <translation>حدّث ذلك الخادم، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Updating the search index: {percent}%. Until the update is complete, searches find older messages with the previous index.</source>
   <translation>يجري تحديث البحث: {percent}%. وحتى ينتهي ذلك يُعثر على الرسائل الأقدم كما كان.</translation>
  </message>
  <message>
   <source>Use a code instead</source>
   <translation>استخدام رمز بدلًا من ذلك</translation>
  </message>
  <message>
   <source>Use a kernel that supports seccomp filters, and allow them in the container.</source>
   <translation>استخدم نواة تدعم مرشّحات seccomp واسمح بها في الحاوية.</translation>
  </message>
  <message>
   <source>Use a larger prior.</source>
   <translation>خذ افتراضًا مسبقًا أكبر.</translation>
  </message>
  <message>
   <source>Use an address with https://. Only servers on this computer can use http://.</source>
   <translation>استخدم عنوانًا يبدأ بـ ‎https://‎. لا يجوز استخدام ‎http://‎ إلا للخوادم على هذا الحاسوب.</translation>
  </message>
  <message>
   <source>Use at most {n} letters, digits, hyphens and underscores.</source>
   <translation>استخدم {n} على الأكثر من الأحرف والأرقام والشرطات والشرطات السفلية.</translation>
  </message>
  <message>
   <source>Use https, or a server on this computer (localhost).</source>
   <translation>استخدم https، أو خادمًا على هذا الجهاز (localhost).</translation>
  </message>
  <message>
   <source>Use shorter arguments.</source>
   <translation>استخدم وسائط أقصر.</translation>
  </message>
  <message>
   <source>Use the browser instead</source>
   <translation>استخدام المتصفح بدلًا من ذلك</translation>
  </message>
  <message>
   <source>Use the deployment name, not the model name. A new deployment takes a few minutes to become available.</source>
   <translation>استخدم اسم النشر لا اسم النموذج؛ ويحتاج النشر الجديد إلى بضع دقائق.</translation>
  </message>
  <message>
   <source>Use the form NAME=VALUE, for example temperature=0.7.</source>
   <translation>اكتب NAME=VALUE، مثل ‎temperature=0.7‎.</translation>
  </message>
  <message>
   <source>Use the form connection/model, for example embedded/smollm2.</source>
   <translation>اكتبه على صورة connection/model، مثل embedded/smollm2.</translation>
  </message>
  <message>
   <source>Use the v1 address: https://RESOURCE.services.ai.azure.com/openai/v1/</source>
   <translation>استخدم عنوان v1: ‏https://RESOURCE.services.ai.azure.com/openai/v1/‎‏</translation>
  </message>
  <message>
   <source>Use the v1 address: {address}</source>
   <translation>استخدم عنوان v1: {address}</translation>
  </message>
  <message>
   <source>Use this code</source>
   <translation>استخدام هذا الرمز</translation>
  </message>
  <message>
   <source>Use up to {number} letters, digits and symbols, without slashes or spaces.</source>
   <translation>استخدم حتى {number} من الحروف والأرقام والعلامات، دون شرطة مائلة ولا مسافة.</translation>
  </message>
  <message>
   <source>Use {model}</source>
   <translation>استخدام {model}</translation>
  </message>
  <message>
   <source>Use “{instead}” instead.</source>
   <translation>استخدم «{instead}» بدلًا منه.</translation>
  </message>
  <message>
   <source>Use “{model}”</source>
   <translation>استخدام «‎{model}‎»‏</translation>
  </message>
  <message>
   <source>Using http for {host} would send the key and the prompt unencrypted.</source>
   <translation>من شأن http إلى ‎{host}‎ أن يرسل المفتاح والموجّه مكشوفَين.</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>القيمة</translation>
  </message>
  <message>
   <source>Value for grader {number}</source>
   <translation>ما يبحث عنه المقيّم {number}</translation>
  </message>
  <message>
   <source>Value of header {number}</source>
   <translation>قيمة الترويسة {number}</translation>
  </message>
  <message>
   <source>Value of variable {number}</source>
   <translation>قيمة المتغير {number}</translation>
  </message>
  <message>
   <source>Values are stored in the keyring.</source>
   <translation>تُحفظ القيم في حلقة المفاتيح.</translation>
  </message>
  <message>
   <source>Variable {number} is secret</source>
   <translation>المتغير {number} سري</translation>
  </message>
  <message>
   <source>Variables are not expanded. Enter the values themselves after the import.</source>
   <translation>لا تُستبدل المتغيرات. أدخل القيم نفسها بعد الاستيراد.</translation>
  </message>
  <message>
   <source>Varies between repeats</source>
   <translation>يختلف عن نفسه</translation>
  </message>
  <message>
   <source>Verdict</source>
   <translation>الحكم</translation>
  </message>
  <message>
   <source>Verdict of the judge model alone: {interval}.</source>
   <translation>حكم النموذج الحَكَم وحده: {interval}.</translation>
  </message>
  <message>
   <source>Verdict seen early</source>
   <translation>مشاهدة الحكم مبكرًا</translation>
  </message>
  <message>
   <source>Verify the account with the service that issued the key, or choose another model.</source>
   <translation>وثّق الحساب حيث صدر المفتاح، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Verify the organization with the service that issued the key, or choose another model.</source>
   <translation>وثّق المؤسسة حيث صدر المفتاح، أو اختر نموذجًا آخر.</translation>
  </message>
  <message>
   <source>Version {n} of this prompt.</source>
   <translation>النسخة {n} من هذا السؤال.</translation>
  </message>
  <message>
   <source>Version {n} of this response.</source>
   <translation>النسخة {n} من هذه الإجابة.</translation>
  </message>
  <message>
   <source>View</source>
   <translation>العرض</translation>
  </message>
  <message>
   <source>Vote for this order</source>
   <translation>التصويت بهذا الترتيب</translation>
  </message>
  <message>
   <source>Vote in the round or reveal it before you export it.</source>
   <translation>صوّت فيها أو اكشفها، ثم صدّرها.</translation>
  </message>
  <message>
   <source>Votes</source>
   <translation>الأصوات</translation>
  </message>
  <message>
   <source>Votes are left out: your organization does not allow saving votes</source>
   <translation>تُترك الأصوات: حفظها غير مسموح به هنا</translation>
  </message>
  <message>
   <source>Votes are saved, but this comparison is temporary. Keep it first.</source>
   <translation>تُحفظ الأصوات، لكن هذه المقارنة مؤقتة. احتفظ بها أولًا.</translation>
  </message>
  <message>
   <source>Votes as a table (*.csv)</source>
   <translation>الأصوات جدولًا (*.csv)</translation>
  </message>
  <message>
   <source>Votes between {a} and {b}</source>
   <translation>الأصوات على {a} و{b}</translation>
  </message>
  <message>
   <source>Votes beyond the limit for one file are left out</source>
   <translation>تُترك الأصوات الزائدة على ما يمكن أن يأتي به ملف واحد</translation>
  </message>
  <message>
   <source>Votes in this cell</source>
   <translation>الأصوات وراء الخلية</translation>
  </message>
  <message>
   <source>Votes, one per line (*.jsonl)</source>
   <translation>الأصوات، واحد في السطر (*.jsonl)</translation>
  </message>
  <message>
   <source>Voting needs two complete responses to the same prompt, including this one.</source>
   <translation>يحتاج الصوت إلى إجابتين كاملتين على الموجّه نفسه، هذه إحداهما.</translation>
  </message>
  <message>
   <source>Wait a moment, or raise the deployment's quota.</source>
   <translation>انتظر قليلًا، أو ارفع حصة النشر.</translation>
  </message>
  <message>
   <source>Wait for responses</source>
   <translation>انتظار الإجابات</translation>
  </message>
  <message>
   <source>Wait until next month, use a free model, or ask for a higher budget.</source>
   <translation>انتظر الشهر القادم، أو اسأل نموذجًا بلا تكلفة، أو اطلب رفع الميزانية.</translation>
  </message>
  <message>
   <source>Wait until the deployment has been updated, then try again.</source>
   <translation>انتظر حتى ينتهي تغيير النشر، ثم حاول مجددًا.</translation>
  </message>
  <message>
   <source>Wait until the response ends.</source>
   <translation>يمكن السؤال عدة مرات بعد انتهاء الإجابة.</translation>
  </message>
  <message>
   <source>Waited {s} s before retrying.</source>
   <translation>مدة الانتظار: {s} ث.</translation>
  </message>
  <message>
   <source>Waiting for approval: {tool}</source>
   <translation>في انتظار الموافقة: {tool}</translation>
  </message>
  <message>
   <source>Waiting for further answers</source>
   <translation>في انتظار إجابات أخرى</translation>
  </message>
  <message>
   <source>Warning</source>
   <translation>تحذير</translation>
  </message>
  <message>
   <source>Warnings and errors</source>
   <translation>التحذيرات والأخطاء</translation>
  </message>
  <message>
   <source>Weakest kind of prompt: {kind} (lost {part} of {whole}, exploratory).</source>
   <translation>أضعف أنواع الموجّهات: {kind} (خسر في {part} من {whole}، استكشافي).</translation>
  </message>
  <message>
   <source>Web page</source>
   <translation>صفحة ويب</translation>
  </message>
  <message>
   <source>Web page (*.html)</source>
   <translation>صفحة ويب (*.html)</translation>
  </message>
  <message>
   <source>Web search</source>
   <translation>البحث في الويب</translation>
  </message>
  <message>
   <source>Web search by the provider</source>
   <translation>البحث في الويب لدى المزوّد</translation>
  </message>
  <message>
   <source>Welcome</source>
   <translation>مرحبًا</translation>
  </message>
  <message>
   <source>What a long text says, in a few lines</source>
   <translation>ما يقوله نص طويل، في أسطر قليلة</translation>
  </message>
  <message>
   <source>What happens to responses that are still arriving when you quit. Stopped responses can be continued later.</source>
   <translation>ما يحدث للإجابات التي ما زالت تصل عند الإنهاء. يمكن متابعة الإجابات الموقوفة لاحقًا.</translation>
  </message>
  <message>
   <source>What is new</source>
   <translation>الجديد</translation>
  </message>
  <message>
   <source>What the model should do with the responses</source>
   <translation>ما ينبغي أن يفعله النموذج بالإجابات</translation>
  </message>
  <message>
   <source>What the model should know, and how it should respond</source>
   <translation>ما ينبغي أن يعرفه النموذج وكيف ينبغي أن يجيب</translation>
  </message>
  <message>
   <source>What to do</source>
   <translation>المطلوب منها</translation>
  </message>
  <message>
   <source>When quitting</source>
   <translation>الإنهاء</translation>
  </message>
  <message>
   <source>When to show responses</source>
   <translation>متى تُعرض الإجابات</translation>
  </message>
  <message>
   <source>When to show the responses in a blind round. If they appear at an even pace or all at once, you cannot tell which model is fast. Votes on responses shown as they arrive are marked.</source>
   <translation>متى تُعرض إجابات الجولة العمياء. بوتيرة واحدة أو دفعة واحدة لا يرى أحد أي نموذج أسرع؛ وتُعلَّم الأصوات على إجابات تُرى كما تأتي.</translation>
  </message>
  <message>
   <source>Where contenders differ</source>
   <translation>حيث يختلف المتنافسون</translation>
  </message>
  <message>
   <source>Why the sky is blue, for a ten-year-old</source>
   <translation>لماذا السماء زرقاء؟ بشرح لطفل في العاشرة</translation>
  </message>
  <message>
   <source>Wide</source>
   <translation>عريض</translation>
  </message>
  <message>
   <source>Width of the text in a conversation. Wide and full suit long code and wide tables.</source>
   <translation>عرض النص في المحادثة. يناسب «عريض» و«كامل» الشيفرة الطويلة والجداول العريضة.</translation>
  </message>
  <message>
   <source>Window colors. “System” follows the system setting.</source>
   <translation>ألوان النافذة. تتبع ألوانَ النظام عند تغيّرها.</translation>
  </message>
  <message>
   <source>Winner</source>
   <translation>الفائز</translation>
  </message>
  <message>
   <source>Wins</source>
   <translation>فاز</translation>
  </message>
  <message>
   <source>Wins (row against column)</source>
   <translation>فوز الصفوف على الأعمدة</translation>
  </message>
  <message numerus="yes">
   <source>Wins for {n} more models are not shown.</source>
   <translation>
    <numerusform>لا تظهر هنا انتصارات أي نموذج آخر ({n}).</numerusform>
    <numerusform>لا تظهر هنا انتصارات نموذج آخر واحد ({n}).</numerusform>
    <numerusform>لا تظهر هنا انتصارات نموذجين آخرين ({n}).</numerusform>
    <numerusform>لا تظهر هنا انتصارات {n} نماذج أخرى.</numerusform>
    <numerusform>لا تظهر هنا انتصارات {n} نموذجًا آخر.</numerusform>
    <numerusform>لا تظهر هنا انتصارات {n} نموذج آخر.</numerusform>
   </translation>
  </message>
  <message>
   <source>With errors</source>
   <translation>بها خطأ</translation>
  </message>
  <message>
   <source>With failures</source>
   <translation>بها رسوب</translation>
  </message>
  <message>
   <source>With several successors each interval is wider (Bonferroni's correction).</source>
   <translation>مع عدة بدائل يكون كل مجال أوسع (تصحيح بونفيروني).</translation>
  </message>
  <message>
   <source>With this cap, calls are sent one at a time: the longest response from {names} has no known limit or may cost more than half the cap. To send calls in parallel, set a lower `max_tokens` or a higher cap.</source>
   <translation>بهذا الحدّ تُرسل الطلبات واحدًا بعد آخر: أطول جواب من {names} لا يُعرف له حدّ، أو قد يكلّف أكثر من نصف الحدّ الأعلى. لإرسال الطلبات معًا اضبط `max_tokens` على قيمة أصغر أو ارفع الحدّ الأعلى.</translation>
  </message>
  <message>
   <source>With variables filled in, a text has more than {most} million characters.</source>
   <translation>بعد ملئه يتجاوز النص {most} مليون محرف.</translation>
  </message>
  <message>
   <source>Withhold the result of {tool}</source>
   <translation>حجب نتيجة {tool}</translation>
  </message>
  <message>
   <source>Within model: needs several responses. Use {command}.</source>
   <translation>عن نفسه: إجابة واحدة لا تكفي؛ «{command}» يعطي المزيد.</translation>
  </message>
  <message>
   <source>Without a display, Paragone opens the terminal chat.</source>
   <translation>من دون شاشة عرض تُفتح دردشة الطرفية.</translation>
  </message>
  <message>
   <source>Without a prior, there is no finite estimate: these groups are not connected by wins in both directions: {parts}.</source>
   <translation>بلا افتراض مسبق لا تقدير منتهيًا: لا تصل سلسلة من الفوز والتعادل ذهابًا وإيابًا بين هذه الأجزاء: {parts}.</translation>
  </message>
  <message>
   <source>Won</source>
   <translation>فوز</translation>
  </message>
  <message>
   <source>Won {wins}, tied {ties}, lost {losses}. Both bad: {bad}. Skipped: {skipped}.</source>
   <translation>فاز {wins}، تعادل {ties}، خسر {losses}. كلاهما سيئ: {bad}. تُخطّي: {skipped}.</translation>
  </message>
  <message>
   <source>Working folder</source>
   <translation>مجلد العمل</translation>
  </message>
  <message>
   <source>Working folder: {folder}</source>
   <translation>مجلد العمل: {folder}</translation>
  </message>
  <message>
   <source>Worsened</source>
   <translation>ساءت</translation>
  </message>
  <message>
   <source>Would the successor have done as well?</source>
   <translation>هل كان البديل سيجيب بالجودة نفسها؟</translation>
  </message>
  <message>
   <source>Wrap</source>
   <translation>لفّ الأسطر</translation>
  </message>
  <message>
   <source>Write a kind reply to a customer whose package is late.</source>
   <translation>اكتب ردًا لطيفًا على عميل تأخّر طرده.</translation>
  </message>
  <message>
   <source>Write an email to {recipients}?</source>
   <translation>أتريد كتابة رسالة بريد إلى ‎{recipients}‎؟</translation>
  </message>
  <message>
   <source>Write down the code and store it away from this computer. The code is shown only once. Without the code or the keyring, nobody can read the conversations.</source>
   <translation>دوّنه واحفظه بعيدًا عن هذا الحاسوب. يُعرض هذه المرة فقط: من دونه ومن دون حلقة المفاتيح لا يستطيع أحد قراءة المحادثات.</translation>
  </message>
  <message>
   <source>Write the single best answer to the question. Use what is correct and useful in each of these answers, correct what is wrong, and leave out repetition. Do not mention that there were several answers.</source>
   <translation>اكتب أفضل إجابة واحدة عن السؤال. خذ من كل من هذه الإجابات ما هو صحيح ومفيد، وصحّح الخطأ، واترك التكرار. لا تذكر أنه كانت هناك عدة إجابات.</translation>
  </message>
  <message>
   <source>Write, explain and mend code</source>
   <translation>كتابة الشيفرة وشرحها وإصلاحها</translation>
  </message>
  <message>
   <source>YYYY-MM-DD</source>
   <translation>YYYY-MM-DD</translation>
  </message>
  <message>
   <source>Yesterday</source>
   <translation>أمس</translation>
  </message>
  <message>
   <source>You</source>
   <translation>أنت</translation>
  </message>
  <message>
   <source>You already voted for this response.</source>
   <translation>هذا صوتك على هذا الدور بالفعل.</translation>
  </message>
  <message>
   <source>You and the judge model agree on {part} of {whole} pairs.</source>
   <translation>تتفق أنت والنموذج الحَكَم في {part} من {whole} من الأزواج.</translation>
  </message>
  <message>
   <source>You are not signed in to the tool server “{server}”{said}</source>
   <translation>لم تسجّل الدخول إلى خادم الأدوات «{server}»{said}</translation>
  </message>
  <message>
   <source>You are not signed in.</source>
   <translation>لم تسجّل الدخول.</translation>
  </message>
  <message>
   <source>You are signed in to Paragone. You can close this page.</source>
   <translation>لقد سجّلت الدخول إلى Paragone. يمكنك إغلاق هذه الصفحة.</translation>
  </message>
  <message>
   <source>You are signed in. You can close this page.</source>
   <translation>تم تسجيل الدخول. يمكنك إغلاق هذه الصفحة.</translation>
  </message>
  <message>
   <source>You can attach images, PDFs, documents, spreadsheets, presentations and text files.</source>
   <translation>يمكن إرفاق الصور وملفات PDF والمستندات والجداول والشرائح والنصوص.</translation>
  </message>
  <message>
   <source>You can edit prompts after the response ends. Press Esc to stop the response.</source>
   <translation>يمكن تحرير الموجّه بعد انتهاء الإجابة. يوقفها Esc.</translation>
  </message>
  <message>
   <source>You can request at most {n} responses at once.</source>
   <translation>{n} إجابة على الأكثر دفعة واحدة.</translation>
  </message>
  <message>
   <source>You can switch versions after the response ends. Press Esc to stop the response.</source>
   <translation>يمكن عرض نسخة أخرى بعد انتهاء الإجابة. يوقفها Esc.</translation>
  </message>
  <message>
   <source>You do not have permission to read {name}.</source>
   <translation>لا يُسمح لك بقراءة {name}.</translation>
  </message>
  <message>
   <source>You rarely need to change these settings.</source>
   <translation>لا يحتاج أحد إلى تغيير هذه.</translation>
  </message>
  <message numerus="yes">
   <source>You reviewed {n} pairs.</source>
   <translation>
    <numerusform>لم تراجع أي زوج.</numerusform>
    <numerusform>راجعتَ زوجًا واحدًا.</numerusform>
    <numerusform>راجعتَ زوجين.</numerusform>
    <numerusform>راجعتَ {n} أزواج.</numerusform>
    <numerusform>راجعتَ {n} زوجًا.</numerusform>
    <numerusform>راجعتَ {n} زوج.</numerusform>
   </translation>
  </message>
  <message>
   <source>You reviewed {own} pairs drawn at random; the judge model reviewed {all}. Its verdicts are corrected by the pairs that both reviewed (prediction-powered inference).</source>
   <translation>راجعتَ {own} من الأزواج المسحوبة عشوائيًا، وراجع النموذج الحَكَم {all}. تُصحَّح أحكامه بالأزواج التي راجعها كلاكما (استدلال مدعوم بالتنبؤ).</translation>
  </message>
  <message>
   <source>You voted less than one second after the responses appeared. Read the responses, then vote again.</source>
   <translation>لقد صوّتَّ خلال ثانية واحدة من ظهور الإجابات. اقرأها ثم صوّت مرة أخرى.</translation>
  </message>
  <message>
   <source>Your changes are not saved. Go back again to discard them.</source>
   <translation>لم تُحفظ التغييرات. ارجع مرة أخرى للتخلي عنها.</translation>
  </message>
  <message>
   <source>Your conversations contain no responses yet.</source>
   <translation>لا تحتوي محادثاتك على إجابات بعد.</translation>
  </message>
  <message>
   <source>Your conversations contain no responses yet. Import or start some first.</source>
   <translation>لا تحتوي محادثاتك على إجابات بعد. استورد محادثات أو ابدأها أولًا.</translation>
  </message>
  <message>
   <source>Your earlier settings may be in {file}, which could not be used. Until you remove that file, Paragone only empties the trash if you set the number of days again.</source>
   <translation>قد يكون ما ضبطته موجودًا في ‎{file}‎ الذي تعذّر استخدامه. ما دام موجودًا لا تُفرَّغ سلة المهملات إلا بعد مدة تضبطها من جديد.</translation>
  </message>
  <message>
   <source>Your organization does not allow adding connections.</source>
   <translation>إضافة الاتصالات غير مسموح بها هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow attaching PDFs.</source>
   <translation>لا يُسمح هنا بإرفاق ملفات PDF.</translation>
  </message>
  <message>
   <source>Your organization does not allow attaching documents, spreadsheets or presentations.</source>
   <translation>لا يُسمح هنا بإرفاق المستندات والجداول والعروض.</translation>
  </message>
  <message>
   <source>Your organization does not allow attaching files.</source>
   <translation>لا يُسمح هنا بإرفاق الملفات.</translation>
  </message>
  <message>
   <source>Your organization does not allow attaching images.</source>
   <translation>لا يُسمح هنا بإرفاق الصور.</translation>
  </message>
  <message>
   <source>Your organization does not allow attaching text files.</source>
   <translation>لا يُسمح هنا بإرفاق الملفات النصية.</translation>
  </message>
  <message>
   <source>Your organization does not allow changing the connection “{name}”.</source>
   <translation>لا يمكن تغيير الاتصال «‎{name}‎» هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow changing {key}.</source>
   <translation>لا يمكن تغيير {key} هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow checking for updates.</source>
   <translation>لا تسمح مؤسستك بالبحث عن تحديثات.</translation>
  </message>
  <message>
   <source>Your organization does not allow evaluation runs.</source>
   <translation>لا تسمح مؤسستك بعمليات التقييم.</translation>
  </message>
  <message>
   <source>Your organization does not allow exporting conversations.</source>
   <translation>تصدير المحادثات غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow exporting.</source>
   <translation>التصدير غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow importing files.</source>
   <translation>لا يُسمح هنا بإدخال أي شيء من الملفات.</translation>
  </message>
  <message>
   <source>Your organization does not allow opening links.</source>
   <translation>فتح الروابط غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow other connections.</source>
   <translation>لا تسمح سياسة مؤسستك باتصالات أخرى.</translation>
  </message>
  <message>
   <source>Your organization does not allow saving votes.</source>
   <translation>حفظ الأصوات غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow saving votes. These votes were saved earlier. {who}</source>
   <translation>حفظ الأصوات غير مسموح به هنا: هذه حُفظت من قبل. {who}</translation>
  </message>
  <message>
   <source>Your organization does not allow sending prompts in batches.</source>
   <translation>لا تسمح مؤسستك بإرسال المطالبات دفعةً واحدة.</translation>
  </message>
  <message>
   <source>Your organization does not allow servers without a sign-in.</source>
   <translation>الخوادم التي بلا تسجيل دخول غير مسموح بها هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow signing in with Entra ID.</source>
   <translation>تسجيل الدخول بـ Entra ID غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow signing in with a key.</source>
   <translation>تسجيل الدخول بمفتاح غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow the embedded model.</source>
   <translation>النموذج المضمّن غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow the judge model {model}.</source>
   <translation>لا تسمح مؤسستك بالنموذج الحَكَم {model}.</translation>
  </message>
  <message>
   <source>Your organization does not allow the model {model}.</source>
   <translation>النموذج ‎{model}‎ غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow the parameters {names}.</source>
   <translation>المعاملات {names} غير مسموح بها هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow the server {host}.</source>
   <translation>الخادم ‎{host}‎ غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow the tool server “{name}”.</source>
   <translation>لا تسمح مؤسستك بخادم الأدوات «{name}».</translation>
  </message>
  <message>
   <source>Your organization does not allow the tool servers {names}.</source>
   <translation>لا تسمح مؤسستك بخوادم الأدوات {names}.</translation>
  </message>
  <message>
   <source>Your organization does not allow this tool.</source>
   <translation>لا تسمح مؤسستك بهذه الأداة.</translation>
  </message>
  <message>
   <source>Your organization does not allow tools.</source>
   <translation>لا تسمح مؤسستك بالأدوات.</translation>
  </message>
  <message>
   <source>Your organization does not allow viewing requests.</source>
   <translation>عرض الطلبات غير مسموح به هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow voting.</source>
   <translation>الأصوات غير مسموح بها هنا.</translation>
  </message>
  <message>
   <source>Your organization does not allow web search by providers.</source>
   <translation>لا تسمح مؤسستك ببحث المزوّدين في الويب.</translation>
  </message>
  <message>
   <source>Your organization does not allow your own model files.</source>
   <translation>ملفات النماذج الخاصة غير مسموح بها هنا.</translation>
  </message>
  <message>
   <source>Your organization has not approved Paragone for this sign-in{said}</source>
   <translation>لم يسمح أحد لـ Paragone باستخدام هذا نيابةً عنك{said}</translation>
  </message>
  <message>
   <source>Your organization no longer provides the connection “{name}”.</source>
   <translation>لم تعد مؤسستك توفر الاتصال «‎{name}‎».</translation>
  </message>
  <message>
   <source>Your organization requires keys to be stored in the keyring, not in an environment variable.</source>
   <translation>تشترط مؤسستك حفظ المفاتيح في حلقة المفاتيح، لا في متغيّر بيئة.</translation>
  </message>
  <message>
   <source>Your organization requires your approval before each call.</source>
   <translation>تشترط مؤسستك موافقتك قبل كل استدعاء.</translation>
  </message>
  <message>
   <source>Your organization's Conditional Access policy blocked this sign-in{said}</source>
   <translation>ترفض قاعدة في مؤسستك تسجيل الدخول هذا{said}</translation>
  </message>
  <message>
   <source>Your own regular expressions, one per line: `flag NAME: EXPRESSION` asks before sending, `block NAME: EXPRESSION` prevents sending. A pattern that times out counts as a match.</source>
   <translation>تعابير نمطية خاصة بك، واحد في كل سطر: `flag NAME: EXPRESSION` يسأل، و`block NAME: EXPRESSION` يمنع الإرسال دائمًا. والتعبير الذي يستغرق وقتًا أطول من اللازم في موجّه يُعدّ مطابقًا.</translation>
  </message>
  <message>
   <source>Your recovery code</source>
   <translation>رمز الاسترداد الخاص بك</translation>
  </message>
  <message>
   <source>Your review</source>
   <translation>مراجعتك</translation>
  </message>
  <message>
   <source>Your reviews: won {wins}, tied {ties} (of these both bad: {bad}), lost {losses}.</source>
   <translation>مراجعاتك: فاز {wins}، تعادل {ties} (منها كلاهما سيئ: {bad})، خسر {losses}.</translation>
  </message>
  <message>
   <source>Your verdict</source>
   <translation>حكمك</translation>
  </message>
  <message>
   <source>Your vote</source>
   <translation>صوتك</translation>
  </message>
  <message>
   <source>Your vote: {vote}</source>
   <translation>صوتك: {vote}</translation>
  </message>
  <message>
   <source>ZIP</source>
   <translation>Zip</translation>
  </message>
  <message>
   <source>Zip archives and databases inside the archive are left out ({count}): import each of them separately.</source>
   <translation>تُستبعد ملفات zip وقواعد البيانات الموجودة فيه: يُستورد كل منها على حدة ({count}).</translation>
  </message>
  <message>
   <source>`conversations list` shows the IDs.</source>
   <translation>يعرض `conversations list` المعرّفات.</translation>
  </message>
  <message>
   <source>`conversations show ID --receipts` shows the response IDs.</source>
   <translation>يعرض `conversations show ID --receipts` معرّفات الإجابات.</translation>
  </message>
  <message>
   <source>`network.ca_file` must be set to a PEM file that contains certificates.</source>
   <translation>يجب أن يسمّي `network.ca_file` ملف PEM يحتوي على شهادات.</translation>
  </message>
  <message>
   <source>`runs list` shows the IDs.</source>
   <translation>يعرض `runs list` المعرّفات.</translation>
  </message>
  <message>
   <source>`votes list` shows the IDs.</source>
   <translation>يعرض `votes list` المعرّفات.</translation>
  </message>
  <message>
   <source>`{key}` must be one of {choices}.</source>
   <translation>‏`{key}` ليس واحدًا من {choices}.</translation>
  </message>
  <message>
   <source>`{name}` in the settings file is not a table.</source>
   <translation>‎`{name}`‎ في ملف الإعدادات ليس جدولًا.</translation>
  </message>
  <message>
   <source>a JSON Schema</source>
   <translation>JSON Schema</translation>
  </message>
  <message>
   <source>a JSON value</source>
   <translation>ما يمكن أن تحتويه JSON</translation>
  </message>
  <message>
   <source>a card number</source>
   <translation>رقم بطاقة</translation>
  </message>
  <message>
   <source>a connection is invalid and is ignored: {reason}</source>
   <translation>تُرك أحد الاتصالات: {reason}‏</translation>
  </message>
  <message>
   <source>a date</source>
   <translation>تاريخ</translation>
  </message>
  <message>
   <source>a file can contain at most {most} votes</source>
   <translation>يأتي الملف الواحد بـ{most} صوت على الأكثر</translation>
  </message>
  <message>
   <source>a guard flags the text that would be sent</source>
   <translation>قاعدة حماية تعترض على النص الذي كان سيُرسل</translation>
  </message>
  <message>
   <source>a language model in GGUF format</source>
   <translation>نموذج لغوي بصيغة GGUF‏</translation>
  </message>
  <message>
   <source>a list</source>
   <translation>قائمة</translation>
  </message>
  <message>
   <source>a list of connections</source>
   <translation>قائمة اتصالات</translation>
  </message>
  <message>
   <source>a list of text values</source>
   <translation>قائمة نصوص</translation>
  </message>
  <message>
   <source>a model has no name</source>
   <translation>نموذج بلا اسم</translation>
  </message>
  <message>
   <source>a model's name has more than {most} characters</source>
   <translation>اسم نموذج يزيد على {most} حرفًا</translation>
  </message>
  <message>
   <source>a number</source>
   <translation>رقمًا</translation>
  </message>
  <message>
   <source>a number from {least} to {most}</source>
   <translation>عدد من {least} إلى {most}</translation>
  </message>
  <message>
   <source>a number or a percentage such as 5%</source>
   <translation>عددًا أو نسبة مثل 5%</translation>
  </message>
  <message>
   <source>a private key</source>
   <translation>مفتاح خاص</translation>
  </message>
  <message>
   <source>a table</source>
   <translation>جدول</translation>
  </message>
  <message>
   <source>a whole number</source>
   <translation>عددًا صحيحًا</translation>
  </message>
  <message>
   <source>a whole number from {least} to {most}</source>
   <translation>عددًا صحيحًا من {least} إلى {most}</translation>
  </message>
  <message>
   <source>about the same cost</source>
   <translation>التكلفة نفسها تقريبًا</translation>
  </message>
  <message numerus="yes">
   <source>about {size} for {n} tokens</source>
   <translation>
    <numerusform>نحو {size} مقابل {n} رمز</numerusform>
    <numerusform>نحو {size} مقابل رمز واحد</numerusform>
    <numerusform>نحو {size} مقابل رمزين</numerusform>
    <numerusform>نحو {size} مقابل {n} رموز</numerusform>
    <numerusform>نحو {size} مقابل {n} رمزًا</numerusform>
    <numerusform>نحو {size} مقابل {n} رمز</numerusform>
   </translation>
  </message>
  <message>
   <source>accepts images</source>
   <translation>يرى الصور</translation>
  </message>
  <message>
   <source>according to the model catalog of {day}</source>
   <translation>بحسب كتالوج النماذج بتاريخ {day}</translation>
  </message>
  <message>
   <source>address of {name}</source>
   <translation>عنوان ‎{name}‎</translation>
  </message>
  <message>
   <source>all bad</source>
   <translation>كلها سيئة</translation>
  </message>
  <message numerus="yes">
   <source>all {n} calls</source>
   <translation>
    <numerusform>لا استدعاءات</numerusform>
    <numerusform>الاستدعاء</numerusform>
    <numerusform>الاستدعاءين</numerusform>
    <numerusform>كل الاستدعاءات ({n})</numerusform>
    <numerusform>كل الاستدعاءات ({n})</numerusform>
    <numerusform>كل الاستدعاءات ({n})</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>all {n} calls of {tool}</source>
   <translation>
    <numerusform>لا استدعاءات لـ {tool}</numerusform>
    <numerusform>استدعاء {tool}</numerusform>
    <numerusform>استدعاءي {tool}</numerusform>
    <numerusform>كل استدعاءات {tool} ({n})</numerusform>
    <numerusform>كل استدعاءات {tool} ({n})</numerusform>
    <numerusform>كل استدعاءات {tool} ({n})</numerusform>
   </translation>
  </message>
  <message>
   <source>always (from settings)</source>
   <translation>دائمًا، كما في الإعدادات</translation>
  </message>
  <message>
   <source>an API key</source>
   <translation>مفتاح API‏</translation>
  </message>
  <message>
   <source>an ID is empty or longer than {most} characters</source>
   <translation>فيه معرّف فارغ أو أطول من {most} حرفًا</translation>
  </message>
  <message>
   <source>and</source>
   <translation>و</translation>
  </message>
  <message numerus="yes">
   <source>and {n} more</source>
   <translation>
    <numerusform>و{n} أخرى</numerusform>
    <numerusform>وواحد آخر</numerusform>
    <numerusform>واثنان آخران</numerusform>
    <numerusform>و{n} أخرى</numerusform>
    <numerusform>و{n} أخرى</numerusform>
    <numerusform>و{n} أخرى</numerusform>
   </translation>
  </message>
  <message>
   <source>api-version {version}</source>
   <translation>api-version {version}</translation>
  </message>
  <message>
   <source>arguments edited</source>
   <translation>الوسائط معدّلة</translation>
  </message>
  <message>
   <source>as worded by {model}</source>
   <translation>بكلمات {model}</translation>
  </message>
  <message>
   <source>attachments</source>
   <translation>المرفقات</translation>
  </message>
  <message>
   <source>automatic</source>
   <translation>تلقائيًا</translation>
  </message>
  <message>
   <source>automatic: {wire}</source>
   <translation>تلقائيًا: {wire}</translation>
  </message>
  <message>
   <source>best TTFT</source>
   <translation>أفضل TTFT</translation>
  </message>
  <message>
   <source>best tokens/s</source>
   <translation>أكثر رموز/ث</translation>
  </message>
  <message>
   <source>best total time</source>
   <translation>أقصر وقت كلي</translation>
  </message>
  <message>
   <source>better</source>
   <translation>أفضل</translation>
  </message>
  <message>
   <source>blind</source>
   <translation>عمياء</translation>
  </message>
  <message>
   <source>both bad</source>
   <translation>كلتاهما سيئة</translation>
  </message>
  <message>
   <source>cache folder</source>
   <translation>مجلد الذاكرة المخبئية</translation>
  </message>
  <message>
   <source>calls the tool</source>
   <translation>يستدعي الأداة</translation>
  </message>
  <message>
   <source>cannot be read right now</source>
   <translation>تتعذر قراءته الآن</translation>
  </message>
  <message>
   <source>cannot read {names}: not sent</source>
   <translation>لا يحصل على شيء من {names}</translation>
  </message>
  <message>
   <source>certificate</source>
   <translation>الشهادة</translation>
  </message>
  <message>
   <source>changes data</source>
   <translation>تغيّر البيانات</translation>
  </message>
  <message>
   <source>cheapest</source>
   <translation>الأرخص</translation>
  </message>
  <message>
   <source>chosen</source>
   <translation>المختارة</translation>
  </message>
  <message>
   <source>compared by words, not by meaning</source>
   <translation>بكلماتها، لا بمعناها</translation>
  </message>
  <message>
   <source>compared with the incumbent's responses, without a judge model</source>
   <translation>بالمقارنة مع إجابات النموذج القديم، بلا نموذج</translation>
  </message>
  <message>
   <source>complete</source>
   <translation>مكتمل</translation>
  </message>
  <message>
   <source>connected to {address}</source>
   <translation>متصل بـ ‎{address}‎‏</translation>
  </message>
  <message>
   <source>connected, but the server does not list its models ({ms} ms)</source>
   <translation>متّصل، لكنّ الخادم لا يسرد نماذجه ({ms} م.ث)</translation>
  </message>
  <message>
   <source>connection {name}</source>
   <translation>الاتصال ‎{name}‎‏</translation>
  </message>
  <message>
   <source>connection {name}: {step}</source>
   <translation>الاتصال ‎{name}‎: {step}‏</translation>
  </message>
  <message>
   <source>connection/model</source>
   <translation>connection/model</translation>
  </message>
  <message>
   <source>contains</source>
   <translation>تحوي</translation>
  </message>
  <message>
   <source>contains the number</source>
   <translation>تعطي العدد</translation>
  </message>
  <message>
   <source>contains, ignoring case</source>
   <translation>تحوي بأي حالة أحرف</translation>
  </message>
  <message>
   <source>conversations</source>
   <translation>المحادثات</translation>
  </message>
  <message>
   <source>created on {day} by Paragone {version}</source>
   <translation>كُتبت في {day} بواسطة Paragone {version}</translation>
  </message>
  <message>
   <source>custom</source>
   <translation>خاص</translation>
  </message>
  <message>
   <source>custom preset</source>
   <translation>إعداد مسبق خاص</translation>
  </message>
  <message>
   <source>cut</source>
   <translation>مقتطع</translation>
  </message>
  <message>
   <source>d MMM</source>
   <translation>d MMM</translation>
  </message>
  <message>
   <source>d MMM yyyy</source>
   <translation>d MMM yyyy</translation>
  </message>
  <message>
   <source>data folder</source>
   <translation>مجلد البيانات</translation>
  </message>
  <message>
   <source>days</source>
   <translation>يوم</translation>
  </message>
  <message>
   <source>defaults; {path} does not exist yet</source>
   <translation>القيم المبدئية؛ لا يوجد ‎{path}‎ بعد</translation>
  </message>
  <message>
   <source>deleted or damaged</source>
   <translation>محذوفة أو تالفة</translation>
  </message>
  <message>
   <source>denied</source>
   <translation>ممنوع</translation>
  </message>
  <message>
   <source>diagnosis check policy support bundle network certificate</source>
   <translation>تشخيص فحص سياسة دعم حزمة شبكة شهادة</translation>
  </message>
  <message>
   <source>diagonal: within model</source>
   <translation>القطر: النموذج مع نفسه</translation>
  </message>
  <message>
   <source>differs</source>
   <translation>مختلف</translation>
  </message>
  <message>
   <source>display</source>
   <translation>شاشة العرض</translation>
  </message>
  <message>
   <source>done</source>
   <translation>تم</translation>
  </message>
  <message>
   <source>done, result truncated</source>
   <translation>تم، واقتُطعت النتيجة</translation>
  </message>
  <message>
   <source>effort</source>
   <translation>الجهد</translation>
  </message>
  <message>
   <source>embedded, tiny demonstration model</source>
   <translation>مضمّن، نموذج عرض صغير جدًا</translation>
  </message>
  <message>
   <source>empty</source>
   <translation>فارغ</translation>
  </message>
  <message>
   <source>equals</source>
   <translation>مطابقة تمامًا لـ</translation>
  </message>
  <message>
   <source>equals, ignoring case</source>
   <translation>مطابقة بأي حالة أحرف لـ</translation>
  </message>
  <message>
   <source>error</source>
   <translation>خطأ</translation>
  </message>
  <message numerus="yes">
   <source>every response of {n} models, with the median.</source>
   <translation>
    <numerusform>لا نماذج.</numerusform>
    <numerusform>كل إجابات نموذج واحد، مع الوسيط.</numerusform>
    <numerusform>كل إجابات نموذجين، مع الوسيط.</numerusform>
    <numerusform>كل إجابات {n} نماذج، مع الوسيط.</numerusform>
    <numerusform>كل إجابات {n} نموذجًا، مع الوسيط.</numerusform>
    <numerusform>كل إجابات {n} نموذج، مع الوسيط.</numerusform>
   </translation>
  </message>
  <message>
   <source>every response, median marked</source>
   <translation>كل إجابة، مع تمييز الوسيط</translation>
  </message>
  <message>
   <source>exploratory</source>
   <translation>استكشافي</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>فشل</translation>
  </message>
  <message>
   <source>fingerprint {fingerprint}</source>
   <translation>البصمة {fingerprint}</translation>
  </message>
  <message>
   <source>finished</source>
   <translation>انتهى</translation>
  </message>
  <message>
   <source>finished in {time}</source>
   <translation>انتهى خلال {time}</translation>
  </message>
  <message>
   <source>frequency</source>
   <translation>التكرار</translation>
  </message>
  <message>
   <source>from the resource's overview page</source>
   <translation>من صفحة النظرة العامة للمورد</translation>
  </message>
  <message>
   <source>from {connection}, as typed</source>
   <translation>من ‎{connection}‎، كما كُتب</translation>
  </message>
  <message>
   <source>has the JSON fields</source>
   <translation>له حقول JSON</translation>
  </message>
  <message>
   <source>headers of {name}</source>
   <translation>ترويسات ‎{name}‎</translation>
  </message>
  <message>
   <source>hidden model</source>
   <translation>نموذج مخفي</translation>
  </message>
  <message>
   <source>if the server lists no models</source>
   <translation>حيث لا تُسرد أي نماذج</translation>
  </message>
  <message>
   <source>image.png</source>
   <translation>صورة.png</translation>
  </message>
  <message>
   <source>imported from {program}</source>
   <translation>مستورد من {program}</translation>
  </message>
  <message>
   <source>in a comparison</source>
   <translation>ضمن مقارنة</translation>
  </message>
  <message>
   <source>in another order</source>
   <translation>بترتيب آخر</translation>
  </message>
  <message>
   <source>in progress</source>
   <translation>تُكتب الآن</translation>
  </message>
  <message>
   <source>in title</source>
   <translation>في العنوان</translation>
  </message>
  <message>
   <source>in use</source>
   <translation>قيد الاستخدام</translation>
  </message>
  <message>
   <source>inconclusive</source>
   <translation>غير حاسم</translation>
  </message>
  <message>
   <source>integral</source>
   <translation>تكامل</translation>
  </message>
  <message>
   <source>interrupted</source>
   <translation>انقطع</translation>
  </message>
  <message>
   <source>invoice</source>
   <translation>فاتورة</translation>
  </message>
  <message>
   <source>is similar to</source>
   <translation>مشابهة لـ</translation>
  </message>
  <message>
   <source>is valid JSON</source>
   <translation>بصيغة JSON</translation>
  </message>
  <message>
   <source>it can only be set as managed, not as recommended</source>
   <translation>لا يمكن إلا فرضه، لا التوصية به</translation>
  </message>
  <message>
   <source>it cannot be verified</source>
   <translation>لا يمكن التحقق منها</translation>
  </message>
  <message>
   <source>it has more than {most} tags, or a tag that is too long</source>
   <translation>فيه أكثر من {most} وسم أو وسم طويل جدًا</translation>
  </message>
  <message>
   <source>it has {cells} cells for {columns} columns</source>
   <translation>{cells} خلية تحت {columns} عمودًا</translation>
  </message>
  <message>
   <source>it is not a valid vote ({error})</source>
   <translation>ليس صوتًا ({error})</translation>
  </message>
  <message>
   <source>it is not valid JSON</source>
   <translation>ليس JSON</translation>
  </message>
  <message>
   <source>it is too long for a vote</source>
   <translation>أطول من أن يكون صوتًا</translation>
  </message>
  <message>
   <source>it is too long to be repeated this many times</source>
   <translation>ستتكرر أكثر مما يسمح به طولها</translation>
  </message>
  <message>
   <source>it must be {expected}</source>
   <translation>يقبل {expected}‏</translation>
  </message>
  <message>
   <source>it occurs twice</source>
   <translation>مذكور مرتين</translation>
  </message>
  <message>
   <source>its count is greater than {most}</source>
   <translation>عدد يزيد على {most}</translation>
  </message>
  <message>
   <source>its format {schema} belongs to another version of Paragone</source>
   <translation>تنسيقه {schema} من إصدار آخر للبرنامج</translation>
  </message>
  <message>
   <source>its quotation marks do not match</source>
   <translation>علامات الاقتباس فيه لا تتوافق</translation>
  </message>
  <message>
   <source>its schema is not {schema}</source>
   <translation>لا يذكر أنه بالتنسيق {schema}</translation>
  </message>
  <message>
   <source>its tag or judge is too long</source>
   <translation>وسمه أو حَكَمه أطول من أن يكون كذلك</translation>
  </message>
  <message>
   <source>judged by {judge}</source>
   <translation>من {judge}</translation>
  </message>
  <message>
   <source>key</source>
   <translation>المفتاح</translation>
  </message>
  <message>
   <source>key from {key_env}</source>
   <translation>المفتاح في ‎{key_env}‎‏</translation>
  </message>
  <message>
   <source>key, until Paragone quits</source>
   <translation>المفتاح، لهذا التشغيل فقط</translation>
  </message>
  <message>
   <source>keyring</source>
   <translation>حلقة المفاتيح</translation>
  </message>
  <message>
   <source>keyring key secret remove this run only</source>
   <translation>حلقة المفاتيح مفتاح سر إزالة هذا التشغيل فقط</translation>
  </message>
  <message>
   <source>leave empty if the server requires no key</source>
   <translation>اتركه فارغًا إن لم يطلبه الخادم</translation>
  </message>
  <message numerus="yes">
   <source>lists {n} models ({ms} ms)</source>
   <translation>
    <numerusform>لا نماذج في قائمته ({ms} م.ث)</numerusform>
    <numerusform>في قائمته نموذج واحد ({ms} م.ث)</numerusform>
    <numerusform>في قائمته نموذجان ({ms} م.ث)</numerusform>
    <numerusform>في قائمته {n} نماذج ({ms} م.ث)</numerusform>
    <numerusform>في قائمته {n} نموذجًا ({ms} م.ث)</numerusform>
    <numerusform>في قائمته {n} نموذج ({ms} م.ث)</numerusform>
   </translation>
  </message>
  <message>
   <source>live</source>
   <translation>مباشر</translation>
  </message>
  <message>
   <source>loading model</source>
   <translation>تحميل النموذج</translation>
  </message>
  <message>
   <source>loading models…</source>
   <translation>السؤال عمّا يقدّمه</translation>
  </message>
  <message>
   <source>log folder</source>
   <translation>مجلد السجل</translation>
  </message>
  <message>
   <source>managed, from {source}</source>
   <translation>تديره ‎{source}‎‏</translation>
  </message>
  <message>
   <source>margin {points}</source>
   <translation>الهامش {points}</translation>
  </message>
  <message>
   <source>margin −{points}</source>
   <translation>الهامش ‎−{points}</translation>
  </message>
  <message>
   <source>matches the regular expression</source>
   <translation>مطابقة للتعبير</translation>
  </message>
  <message>
   <source>max</source>
   <translation>أقصى</translation>
  </message>
  <message>
   <source>may delete or overwrite</source>
   <translation>قد تحذف أو تكتب فوق البيانات</translation>
  </message>
  <message>
   <source>may need a deployment</source>
   <translation>قد يحتاج إلى نشر</translation>
  </message>
  <message>
   <source>median marked</source>
   <translation>مع تمييز الوسيط</translation>
  </message>
  <message>
   <source>meets the judge's rubric</source>
   <translation>جيدة وفق معيار حَكَم</translation>
  </message>
  <message>
   <source>min is larger than max.</source>
   <translation>min أكبر من max.</translation>
  </message>
  <message>
   <source>minus</source>
   <translation>ناقص</translation>
  </message>
  <message>
   <source>missing</source>
   <translation>مفقود</translation>
  </message>
  <message>
   <source>models</source>
   <translation>النماذج</translation>
  </message>
  <message>
   <source>most tokens</source>
   <translation>أكثر الرموز</translation>
  </message>
  <message>
   <source>multiple</source>
   <translation>عدة نماذج</translation>
  </message>
  <message>
   <source>n</source>
   <translation>n</translation>
  </message>
  <message>
   <source>name, name, …</source>
   <translation>اسم، اسم، …</translation>
  </message>
  <message>
   <source>network</source>
   <translation>الشبكة</translation>
  </message>
  <message>
   <source>new</source>
   <translation>جديد</translation>
  </message>
  <message>
   <source>no</source>
   <translation>لا</translation>
  </message>
  <message>
   <source>no JSON</source>
   <translation>ليس JSON</translation>
  </message>
  <message>
   <source>no complete responses yet</source>
   <translation>لا إجابة مكتملة بعد</translation>
  </message>
  <message>
   <source>no longer exists</source>
   <translation>لم يعد موجودًا</translation>
  </message>
  <message>
   <source>no model to test</source>
   <translation>لا نموذج للسؤال</translation>
  </message>
  <message>
   <source>no models</source>
   <translation>لا يقدّم أي نماذج</translation>
  </message>
  <message>
   <source>no reason was given</source>
   <translation>لم يُذكر سبب</translation>
  </message>
  <message>
   <source>no relevant difference</source>
   <translation>لا فرق يُذكر</translation>
  </message>
  <message>
   <source>no response</source>
   <translation>لا يجيب</translation>
  </message>
  <message>
   <source>no result</source>
   <translation>بلا نتيجة</translation>
  </message>
  <message>
   <source>no sign-in</source>
   <translation>بلا تسجيل دخول</translation>
  </message>
  <message>
   <source>no tools</source>
   <translation>بلا أدوات</translation>
  </message>
  <message>
   <source>none</source>
   <translation>لا شيء</translation>
  </message>
  <message>
   <source>none (no system proxy)</source>
   <translation>لا شيء (ليس للنظام وكيل)</translation>
  </message>
  <message>
   <source>none on this computer</source>
   <translation>لا شيء على هذا الجهاز</translation>
  </message>
  <message>
   <source>none set: the server defaults apply</source>
   <translation>لم يُضبط شيء: تسري إعدادات الخادم</translation>
  </message>
  <message>
   <source>not</source>
   <translation>ليست</translation>
  </message>
  <message>
   <source>not UTF-8 text</source>
   <translation>ليس نص UTF-8</translation>
  </message>
  <message>
   <source>not allowed by the schema</source>
   <translation>لا يسمح به المخطط</translation>
  </message>
  <message>
   <source>not answered</source>
   <translation>بلا رد</translation>
  </message>
  <message>
   <source>not called</source>
   <translation>لم يُستدعَ</translation>
  </message>
  <message>
   <source>not counted: a response failed, was stopped or was cut off, or the turn was edited</source>
   <translation>لا يُحتسب: فشلت إجابة أو أُوقفت أو قُطعت، أو عُدّل الدور</translation>
  </message>
  <message>
   <source>not graded</source>
   <translation>تعذّر الحكم</translation>
  </message>
  <message>
   <source>not installed, which is an option of the package</source>
   <translation>غير مثبّت، وهو خيار في الحزمة</translation>
  </message>
  <message>
   <source>not recorded</source>
   <translation>غير مسجّل</translation>
  </message>
  <message>
   <source>not reported</source>
   <translation>غير مسمّى</translation>
  </message>
  <message>
   <source>not sampled</source>
   <translation>خارج العيّنة</translation>
  </message>
  <message>
   <source>not sent</source>
   <translation>لا يُرسل</translation>
  </message>
  <message>
   <source>not sent yet</source>
   <translation>لم يُسأل بعد</translation>
  </message>
  <message>
   <source>not sent, {least} to {most}</source>
   <translation>لا يُرسل، من ‎{least}‎ إلى ‎{most}‎‏</translation>
  </message>
  <message>
   <source>not worse</source>
   <translation>ليس أسوأ</translation>
  </message>
  <message>
   <source>nothing</source>
   <translation>لا شيء</translation>
  </message>
  <message>
   <source>nothing is listening on this port</source>
   <translation>لا شيء يستقبل الاتصالات هناك</translation>
  </message>
  <message>
   <source>now</source>
   <translation>الآن</translation>
  </message>
  <message>
   <source>number of turns and the reason</source>
   <translation>عدد الأدوار والسبب</translation>
  </message>
  <message>
   <source>off</source>
   <translation>لا تشارك</translation>
  </message>
  <message>
   <source>on</source>
   <translation>تشارك</translation>
  </message>
  <message>
   <source>one of {choices}</source>
   <translation>واحدًا من {choices}‏</translation>
  </message>
  <message>
   <source>one of {names}</source>
   <translation>واحدًا من {names}</translation>
  </message>
  <message>
   <source>only the first {number} entries are used</source>
   <translation>تُعتمد أول {number} فقط</translation>
  </message>
  <message>
   <source>only this model</source>
   <translation>هذا النموذج وحده</translation>
  </message>
  <message>
   <source>only {model} called {calls}</source>
   <translation>أجرى {model} وحده {calls}</translation>
  </message>
  <message>
   <source>other arguments</source>
   <translation>وسائط أخرى</translation>
  </message>
  <message>
   <source>p</source>
   <translation>p</translation>
  </message>
  <message>
   <source>p (pass rates)</source>
   <translation>قيمة p لمعدلات النجاح</translation>
  </message>
  <message>
   <source>p5</source>
   <translation>p5</translation>
  </message>
  <message>
   <source>p50</source>
   <translation>p50</translation>
  </message>
  <message numerus="yes">
   <source>p50 and p95 of {n} models from {first} to {last}.</source>
   <translation>
    <numerusform>‏p50 وp95 من {first} إلى {last}: لا نماذج.</numerusform>
    <numerusform>‏p50 وp95 لنموذج واحد من {first} إلى {last}.</numerusform>
    <numerusform>‏p50 وp95 لنموذجين من {first} إلى {last}.</numerusform>
    <numerusform>‏p50 وp95 لـ{n} نماذج من {first} إلى {last}.</numerusform>
    <numerusform>‏p50 وp95 لـ{n} نموذجًا من {first} إلى {last}.</numerusform>
    <numerusform>‏p50 وp95 لـ{n} نموذج من {first} إلى {last}.</numerusform>
   </translation>
  </message>
  <message>
   <source>p50 latency</source>
   <translation>وسيط زمن الإجابة</translation>
  </message>
  <message>
   <source>p50 line, p5 to p95 band</source>
   <translation>‏الخط p50، والنطاق من p5 إلى p95</translation>
  </message>
  <message>
   <source>p95</source>
   <translation>95% خلال</translation>
  </message>
  <message>
   <source>p95 (lower bound)</source>
   <translation>95% على الأقل</translation>
  </message>
  <message>
   <source>p95 needs at least {n} responses.</source>
   <translation>ما تلتزم به 95٪ من الإجابات يحتاج إلى {n} إجابة على الأقل.</translation>
  </message>
  <message>
   <source>pairs, drawn at random</source>
   <translation>من الأزواج، تُسحب عشوائيًا</translation>
  </message>
  <message>
   <source>part of Paragone</source>
   <translation>داخل البرنامج</translation>
  </message>
  <message>
   <source>passed</source>
   <translation>نجحت</translation>
  </message>
  <message>
   <source>passed and failed</source>
   <translation>نجحت وفشلت</translation>
  </message>
  <message>
   <source>pixels</source>
   <translation>بكسل</translation>
  </message>
  <message>
   <source>points of net preference may be lost</source>
   <translation>من نقاط صافي التفضيل يجوز خسارتها</translation>
  </message>
  <message>
   <source>policy</source>
   <translation>السياسة</translation>
  </message>
  <message>
   <source>policy {name}</source>
   <translation>السياسة ‎{name}‎‏</translation>
  </message>
  <message>
   <source>preliminary</source>
   <translation>أوّلي</translation>
  </message>
  <message>
   <source>presence</source>
   <translation>الحضور</translation>
  </message>
  <message>
   <source>price unknown</source>
   <translation>السعر غير معروف</translation>
  </message>
  <message>
   <source>program</source>
   <translation>البرنامج</translation>
  </message>
  <message>
   <source>prompt not saved</source>
   <translation>موجّه لم يُحفظ</translation>
  </message>
  <message>
   <source>proxy: {proxy}; certificates: {certificates}</source>
   <translation>الوكيل: {proxy}؛ الشهادات: {certificates}‏</translation>
  </message>
  <message>
   <source>reaches the outside world</source>
   <translation>تصل إلى العالم الخارجي</translation>
  </message>
  <message>
   <source>read-only</source>
   <translation>للقراءة فقط</translation>
  </message>
  <message>
   <source>reading prompt · {percent}%</source>
   <translation>قراءة الموجّه · {percent}%‏</translation>
  </message>
  <message>
   <source>reasoning</source>
   <translation>يفكّر</translation>
  </message>
  <message>
   <source>receives the text of {names}</source>
   <translation>يحصل على نص {names}</translation>
  </message>
  <message>
   <source>receives {names} as a file</source>
   <translation>يحصل على {names} كملف</translation>
  </message>
  <message>
   <source>receives {names} unchanged</source>
   <translation>يحصل على {names} كما هي</translation>
  </message>
  <message>
   <source>recommended, from {source}</source>
   <translation>توصية من ‎{source}‎‏</translation>
  </message>
  <message>
   <source>region {region}</source>
   <translation>المنطقة {region}</translation>
  </message>
  <message>
   <source>repeat {number}</source>
   <translation>التكرار {number}</translation>
  </message>
  <message>
   <source>repeating it has no further effect</source>
   <translation>لا أثر آخر لتكرارها</translation>
  </message>
  <message>
   <source>reported by the server</source>
   <translation>بحسب الخادم</translation>
  </message>
  <message>
   <source>request ID {id}</source>
   <translation>الطلب {id}</translation>
  </message>
  <message>
   <source>responding</source>
   <translation>يجيب</translation>
  </message>
  <message>
   <source>responding · {s} s</source>
   <translation>يجيب · {s} ث</translation>
  </message>
  <message>
   <source>results of run {id}</source>
   <translation>نتائج التشغيل {id}</translation>
  </message>
  <message>
   <source>results recorded once per case</source>
   <translation>نتائج مسجلة مرة واحدة لكل حالة</translation>
  </message>
  <message>
   <source>retired</source>
   <translation>انتهى دعمه</translation>
  </message>
  <message>
   <source>retired on {day}, {source}</source>
   <translation>انتهى دعمه في {day}، {source}</translation>
  </message>
  <message>
   <source>retired {day}</source>
   <translation>انتهى دعمه في {day}‏</translation>
  </message>
  <message>
   <source>retired, {source}</source>
   <translation>انتهى دعمه، {source}</translation>
  </message>
  <message numerus="yes">
   <source>retires in {n} days</source>
   <translation>
    <numerusform>ينتهي دعمه اليوم</numerusform>
    <numerusform>ينتهي دعمه بعد يوم واحد</numerusform>
    <numerusform>ينتهي دعمه بعد يومين</numerusform>
    <numerusform>ينتهي دعمه بعد {n} أيام</numerusform>
    <numerusform>ينتهي دعمه بعد {n} يومًا</numerusform>
    <numerusform>ينتهي دعمه بعد {n} يوم</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>retires in {n} days, on {day}, {source}</source>
   <translation>
    <numerusform>ينتهي دعمه اليوم، في {day}، {source}</numerusform>
    <numerusform>ينتهي دعمه بعد يوم واحد، في {day}، {source}</numerusform>
    <numerusform>ينتهي دعمه بعد يومين، في {day}، {source}</numerusform>
    <numerusform>ينتهي دعمه بعد {n} أيام، في {day}، {source}</numerusform>
    <numerusform>ينتهي دعمه بعد {n} يومًا، في {day}، {source}</numerusform>
    <numerusform>ينتهي دعمه بعد {n} يوم، في {day}، {source}</numerusform>
   </translation>
  </message>
  <message>
   <source>retires {day}</source>
   <translation>ينتهي دعمه في {day}‏</translation>
  </message>
  <message>
   <source>run cost</source>
   <translation>تكلفة التشغيل</translation>
  </message>
  <message>
   <source>running</source>
   <translation>قيد التشغيل</translation>
  </message>
  <message>
   <source>running …</source>
   <translation>قيد التشغيل …</translation>
  </message>
  <message>
   <source>s</source>
   <translation>ث</translation>
  </message>
  <message>
   <source>same as for {name}</source>
   <translation>مثل موجّه {name}</translation>
  </message>
  <message>
   <source>sampled evenly over conversations</source>
   <translation>مختارة بالتساوي من المحادثات</translation>
  </message>
  <message>
   <source>score {score}</source>
   <translation>النقاط {score}</translation>
  </message>
  <message>
   <source>score {score}, {took}</source>
   <translation>النقاط {score}، {took}</translation>
  </message>
  <message>
   <source>sees the pages of {names}</source>
   <translation>يرى صفحات {names}</translation>
  </message>
  <message>
   <source>sees {names}</source>
   <translation>يرى {names}</translation>
  </message>
  <message>
   <source>sent {time}</source>
   <translation>أُرسل {time}</translation>
  </message>
  <message>
   <source>served by {model}</source>
   <translation>خدمه {model}</translation>
  </message>
  <message>
   <source>settings</source>
   <translation>الإعدادات</translation>
  </message>
  <message>
   <source>settings folder</source>
   <translation>مجلد الإعدادات</translation>
  </message>
  <message>
   <source>shared</source>
   <translation>مشترك</translation>
  </message>
  <message>
   <source>shared result</source>
   <translation>نتيجة مشتركة</translation>
  </message>
  <message>
   <source>sign-in</source>
   <translation>تسجيل الدخول</translation>
  </message>
  <message numerus="yes">
   <source>signed in, lists {n} models ({ms} ms)</source>
   <translation>
    <numerusform>تم تسجيل الدخول، لا نماذج في قائمته ({ms} م.ث)</numerusform>
    <numerusform>تم تسجيل الدخول، في قائمته نموذج واحد ({ms} م.ث)</numerusform>
    <numerusform>تم تسجيل الدخول، في قائمته نموذجان ({ms} م.ث)</numerusform>
    <numerusform>تم تسجيل الدخول، في قائمته {n} نماذج ({ms} م.ث)</numerusform>
    <numerusform>تم تسجيل الدخول، في قائمته {n} نموذجًا ({ms} م.ث)</numerusform>
    <numerusform>تم تسجيل الدخول، في قائمته {n} نموذج ({ms} م.ث)</numerusform>
   </translation>
  </message>
  <message>
   <source>sqlite</source>
   <translation>sqlite</translation>
  </message>
  <message>
   <source>square root of {a}</source>
   <translation>الجذر التربيعي لـ {a}</translation>
  </message>
  <message>
   <source>starts with</source>
   <translation>تبدأ بـ</translation>
  </message>
  <message>
   <source>stays within its own data</source>
   <translation>تبقى ضمن بياناتها</translation>
  </message>
  <message>
   <source>stopped</source>
   <translation>أُوقف</translation>
  </message>
  <message>
   <source>stopped at its cap</source>
   <translation>توقف عند السقف</translation>
  </message>
  <message>
   <source>struck through: only in {first}; underlined: only in {second}</source>
   <translation>مشطوب: في {first} فقط؛ مسطّر: في {second} فقط</translation>
  </message>
  <message>
   <source>sum</source>
   <translation>مجموع</translation>
  </message>
  <message>
   <source>system</source>
   <translation>شهادات النظام</translation>
  </message>
  <message>
   <source>system ({list})</source>
   <translation>نماذج النظام ({list})‏</translation>
  </message>
  <message>
   <source>system and {file}</source>
   <translation>شهادات النظام و‎{file}‎‏</translation>
  </message>
  <message>
   <source>taken from the file name</source>
   <translation>كالملف</translation>
  </message>
  <message>
   <source>taken from the server name</source>
   <translation>كالخادم</translation>
  </message>
  <message>
   <source>takes at most (ms)</source>
   <translation>تستغرق على الأكثر بالمللي ثانية</translation>
  </message>
  <message>
   <source>temp</source>
   <translation>حرارة</translation>
  </message>
  <message>
   <source>text</source>
   <translation>نصًا</translation>
  </message>
  <message>
   <source>text that could not be checked, because a rule is invalid ({slip})</source>
   <translation>ما تبحث عنه قاعدة لا يمكن قراءتها ({slip})‏</translation>
  </message>
  <message>
   <source>the answer failed, was stopped or was cut</source>
   <translation>فشلت الإجابة أو أُوقفت أو قُطعت</translation>
  </message>
  <message>
   <source>the base URL of Anthropic or of a compatible server</source>
   <translation>عنوان Anthropic أو خادم مثله</translation>
  </message>
  <message>
   <source>the connection failed</source>
   <translation>فشل الاتصال</translation>
  </message>
  <message>
   <source>the connection failed (error {number})</source>
   <translation>فشل الاتصال (الخطأ {number})</translation>
  </message>
  <message>
   <source>the connection “{name}” occurs twice; only the first one is used</source>
   <translation>‏«‎{name}‎» مذكور مرتين؛ ويُعتمد الأول</translation>
  </message>
  <message>
   <source>the conversation could not be read</source>
   <translation>تعذّرت قراءة المحادثة</translation>
  </message>
  <message>
   <source>the conversation does not fit the successor's context window</source>
   <translation>لا تتّسع نافذة سياق البديل للمحادثة</translation>
  </message>
  <message>
   <source>the engine</source>
   <translation>المحرّك</translation>
  </message>
  <message>
   <source>the file does not contain JSON in the expected format: {reason}</source>
   <translation>ليس JSON بالبنية الصحيحة: {reason}‏</translation>
  </message>
  <message>
   <source>the file is empty</source>
   <translation>هو فارغ</translation>
  </message>
  <message>
   <source>the file is larger than {most} MB</source>
   <translation>حجمه أكبر من {most} ميغابايت</translation>
  </message>
  <message>
   <source>the file is larger than {number} MB</source>
   <translation>أكبر من {number} ميغابايت</translation>
  </message>
  <message>
   <source>the file is nested too deeply</source>
   <translation>متداخل أكثر من اللازم</translation>
  </message>
  <message>
   <source>the file is not a valid property list</source>
   <translation>ليس قائمة خصائص (property list)‏</translation>
  </message>
  <message>
   <source>the file is not encoded in UTF-8</source>
   <translation>ليس مكتوبًا بترميز UTF-8</translation>
  </message>
  <message>
   <source>the network is down</source>
   <translation>الشبكة متوقفة</translation>
  </message>
  <message>
   <source>the network is not reachable</source>
   <translation>تعذّر الوصول إلى الشبكة</translation>
  </message>
  <message>
   <source>the path is a symbolic link</source>
   <translation>إنه رابط</translation>
  </message>
  <message>
   <source>the path is not a file</source>
   <translation>ليس ملفًا</translation>
  </message>
  <message>
   <source>the path is not a folder</source>
   <translation>ليس مجلدًا</translation>
  </message>
  <message>
   <source>the path is not owned by the administrator</source>
   <translation>لا يملكه مسؤول النظام</translation>
  </message>
  <message>
   <source>the prompt or the answer has no text</source>
   <translation>لا نص في الموجّه أو في الإجابة</translation>
  </message>
  <message>
   <source>the question</source>
   <translation>السؤال</translation>
  </message>
  <message numerus="yes">
   <source>the same {n} calls</source>
   <translation>
    <numerusform>بلا استدعاءات</numerusform>
    <numerusform>الاستدعاء نفسه</numerusform>
    <numerusform>الاستدعاءين نفسيهما</numerusform>
    <numerusform>الاستدعاءات نفسها ({n})</numerusform>
    <numerusform>الاستدعاءات نفسها ({n})</numerusform>
    <numerusform>الاستدعاءات نفسها ({n})</numerusform>
   </translation>
  </message>
  <message>
   <source>the server closed the connection</source>
   <translation>أغلق الاتصال</translation>
  </message>
  <message>
   <source>the server did not specify a category</source>
   <translation>لم يذكر الخادم أي فئة</translation>
  </message>
  <message>
   <source>the server's base URL, including /v1 if the server uses it</source>
   <translation>عنوان الخادم، مع ‎/v1‎ إن كان فيه</translation>
  </message>
  <message>
   <source>the successor cannot read an attachment</source>
   <translation>لا يستطيع البديل قراءة أحد المرفقات</translation>
  </message>
  <message>
   <source>there is no route to the host</source>
   <translation>لا مسار إليه</translation>
  </message>
  <message>
   <source>there is no such policy</source>
   <translation>لا توجد سياسة كهذه</translation>
  </message>
  <message>
   <source>this vote already occurs on an earlier line</source>
   <translation>هذا الصوت مذكور أعلاه</translation>
  </message>
  <message>
   <source>tie</source>
   <translation>كلها متساوية في الجودة</translation>
  </message>
  <message>
   <source>tied for best TTFT</source>
   <translation>تعادل في TTFT</translation>
  </message>
  <message>
   <source>tied for best tokens/s</source>
   <translation>تعادل في رموز/ث</translation>
  </message>
  <message>
   <source>tied for best total time</source>
   <translation>تعادل في الوقت الكلي</translation>
  </message>
  <message>
   <source>tied for cheapest</source>
   <translation>الأرخص بالتساوي</translation>
  </message>
  <message>
   <source>tied for most tokens</source>
   <translation>تعادل في عدد الرموز</translation>
  </message>
  <message>
   <source>times</source>
   <translation>مرات</translation>
  </message>
  <message>
   <source>tok/s</source>
   <translation>رمز/ث</translation>
  </message>
  <message>
   <source>token</source>
   <translation>الرمز</translation>
  </message>
  <message>
   <source>tokens</source>
   <translation>رمز</translation>
  </message>
  <message>
   <source>tokens not counted</source>
   <translation>الرموز غير معدودة</translation>
  </message>
  <message>
   <source>too few cases</source>
   <translation>حالات قليلة جدًا</translation>
  </message>
  <message>
   <source>tool call</source>
   <translation>استدعاء أداة</translation>
  </message>
  <message>
   <source>tool calls</source>
   <translation>استدعاءات أدوات</translation>
  </message>
  <message>
   <source>tool server {name}</source>
   <translation>خادم الأدوات {name}</translation>
  </message>
  <message>
   <source>tool servers</source>
   <translation>خوادم أدوات</translation>
  </message>
  <message>
   <source>top p</source>
   <translation>top p</translation>
  </message>
  <message>
   <source>total cost {cost}</source>
   <translation>أُنفق {cost}</translation>
  </message>
  <message>
   <source>total {time}</source>
   <translation>{time} في المجموع</translation>
  </message>
  <message>
   <source>true or false</source>
   <translation>‏true أو false‏</translation>
  </message>
  <message>
   <source>truncated</source>
   <translation>مقتطع</translation>
  </message>
  <message>
   <source>trusted ({ms} ms)</source>
   <translation>موثوقة ({ms} م.ث)</translation>
  </message>
  <message>
   <source>undecided</source>
   <translation>غير محسوم</translation>
  </message>
  <message>
   <source>unknown</source>
   <translation>لم يُذكر</translation>
  </message>
  <message>
   <source>unreadable</source>
   <translation>لا يمكن قراءتها</translation>
  </message>
  <message>
   <source>until Paragone quits (from settings)</source>
   <translation>إلى أن ينتهي Paragone، كما في الإعدادات</translation>
  </message>
  <message>
   <source>users other than the owner can write to the path</source>
   <translation>يستطيع غير مالكه الكتابة فيه</translation>
  </message>
  <message>
   <source>version update license notices open source Qt</source>
   <translation>إصدار تحديث ترخيص إشعارات مصدر مفتوح Qt</translation>
  </message>
  <message>
   <source>waiting</source>
   <translation>ينتظر</translation>
  </message>
  <message>
   <source>waiting for approval</source>
   <translation>في انتظار الموافقة</translation>
  </message>
  <message>
   <source>waiting · {s} s</source>
   <translation>ينتظر · {s} ث</translation>
  </message>
  <message>
   <source>web search</source>
   <translation>بحث في الويب</translation>
  </message>
  <message>
   <source>whether the review itself can be trusted</source>
   <translation>هل يمكن الوثوق بالمراجعة نفسها</translation>
  </message>
  <message>
   <source>while loading {model}</source>
   <translation>أثناء تحميل {model}</translation>
  </message>
  <message>
   <source>while responding</source>
   <translation>أثناء الإجابة</translation>
  </message>
  <message>
   <source>with</source>
   <translation>مقابل</translation>
  </message>
  <message>
   <source>with model names visible</source>
   <translation>مع ظهور الأسماء</translation>
  </message>
  <message>
   <source>work, legal</source>
   <translation>عمل, قانون</translation>
  </message>
  <message>
   <source>worse</source>
   <translation>أسوأ</translation>
  </message>
  <message>
   <source>yes</source>
   <translation>نعم</translation>
  </message>
  <message>
   <source>{above}
{below}</source>
   <translation>{above}
{below}</translation>
  </message>
  <message numerus="yes">
   <source>{all}, {n} failed</source>
   <translation>
    <numerusform>‏{all}، لم يفشل شيء منها</numerusform>
    <numerusform>‏{all}، فشل واحد منها</numerusform>
    <numerusform>‏{all}، فشل اثنان منها</numerusform>
    <numerusform>‏{all}، فشلت {n} منها</numerusform>
    <numerusform>‏{all}، فشل {n} منها</numerusform>
    <numerusform>‏{all}، فشل {n} منها</numerusform>
   </translation>
  </message>
  <message>
   <source>{asked} of {all} responses</source>
   <translation>{asked} من {all} إجابة</translation>
  </message>
  <message>
   <source>{asked} of {cells} responses have arrived. They were requested in random order, so they represent the whole suite.</source>
   <translation>وصلت {asked} من {cells} إجابة. طُلبت بترتيب مخلوط، فهي تمثل الكل.</translation>
  </message>
  <message>
   <source>{authority} does not recognize the tenant “{tenant}”.</source>
   <translation>لا يعرف {authority} مستأجرًا باسم «{tenant}».</translation>
  </message>
  <message>
   <source>{a} against {b}: won {won}, lost {lost}, tied {tied}, both bad {bad}</source>
   <translation>{a} ضد {b}: فاز {won}، خسر {lost}، تعادل {tied}، كلاهما سيئ {bad}</translation>
  </message>
  <message>
   <source>{a} and {b} differ by no more than {most} points ({low} to {high}) over {cases} cases.</source>
   <translation>لا يختلف {a} و{b} بأكثر من {most} نقطة ({low} إلى {high}) على {cases} حالة.</translation>
  </message>
  <message>
   <source>{a} and {b}: inconclusive; the difference of {points} points ({low} to {high}) over {cases} cases may be due to chance.</source>
   <translation>{a} و{b}: غير حاسم، فقد يكون الفرق بمقدار {points} نقطة ({low} إلى {high}) على {cases} حالة من قبيل المصادفة.</translation>
  </message>
  <message>
   <source>{a} and {b}: no difference larger than {points} points; {a} is preferred {low}–{high}% of the time.</source>
   <translation>{a} و{b}: لا فرق يزيد على {points} نقاط؛ يُفضَّل {a} في {low}–{high}% من الحالات.</translation>
  </message>
  <message numerus="yes">
   <source>{a} and {b}: nothing can be concluded from {n} cases scored for both.</source>
   <translation>
    <numerusform>{a} و{b}: لا حالة لها درجة لدى كليهما، فلا يمكن قول شيء.</numerusform>
    <numerusform>{a} و{b}: لا يمكن قول شيء من حالة واحدة لها درجة لدى كليهما.</numerusform>
    <numerusform>{a} و{b}: لا يمكن قول شيء من حالتين لهما درجة لدى كليهما.</numerusform>
    <numerusform>{a} و{b}: لا يمكن قول شيء من {n} حالات لها درجة لدى كليهما.</numerusform>
    <numerusform>{a} و{b}: لا يمكن قول شيء من {n} حالة لها درجة لدى كليهما.</numerusform>
    <numerusform>{a} و{b}: لا يمكن قول شيء من {n} حالة لها درجة لدى كليهما.</numerusform>
   </translation>
  </message>
  <message>
   <source>{a} and {b}: too few prompts agree.</source>
   <translation>{a} و{b}: الطلبات المتفقة على ذلك قليلة جدًا.</translation>
  </message>
  <message numerus="yes">
   <source>{a} and {b}: too few votes; at least {n} more prompts are needed.</source>
   <translation>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ لا حاجة إلى طلبات أخرى.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ يلزم طلب واحد آخر على الأقل.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ يلزم طلبان آخران على الأقل.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ تلزم {n} طلبات أخرى على الأقل.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ يلزم {n} طلبًا آخر على الأقل.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ يلزم {n} طلب آخر على الأقل.</numerusform>
   </translation>
  </message>
  <message>
   <source>{a} and {b}: too few votes; roughly tied so far.</source>
   <translation>{a} و{b}: أصوات قليلة جدًا، وهما متساويان تقريبًا حتى الآن.</translation>
  </message>
  <message numerus="yes">
   <source>{a} and {b}: too few votes; {n} more votes at the current rate would show a difference.</source>
   <translation>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ لا حاجة إلى المزيد بينهما بالتوزيع نفسه لإظهار فرق.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ صوت واحد آخر بينهما بالتوزيع نفسه يُظهر فرقًا.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ صوتان آخران بينهما بالتوزيع نفسه يُظهران فرقًا.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ {n} أصوات أخرى بينهما بالتوزيع نفسه تُظهر فرقًا.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ {n} صوتًا آخر بينهما بالتوزيع نفسه يُظهر فرقًا.</numerusform>
    <numerusform>{a} و{b}: أصوات قليلة جدًا؛ {n} صوت آخر بينهما بالتوزيع نفسه يُظهر فرقًا.</numerusform>
   </translation>
  </message>
  <message>
   <source>{a} cubed</source>
   <translation>{a} تكعيب</translation>
  </message>
  <message>
   <source>{a} is better than {b}: {points} points ({low} to {high}) over {cases} cases.</source>
   <translation>{a} أفضل من {b}: {points} نقطة ({low} إلى {high}) على {cases} حالة.</translation>
  </message>
  <message>
   <source>{a} over {b}</source>
   <translation>{a} على {b}</translation>
  </message>
  <message>
   <source>{a} squared</source>
   <translation>{a} تربيع</translation>
  </message>
  <message>
   <source>{a} sub {b}</source>
   <translation>{a} دليل {b}</translation>
  </message>
  <message>
   <source>{a} to the power of {b}</source>
   <translation>{a} أس {b}</translation>
  </message>
  <message>
   <source>{a}% and {b}%</source>
   <translation>{a}% و{b}%</translation>
  </message>
  <message>
   <source>{best} of {votes}</source>
   <translation>{best} من {votes}</translation>
  </message>
  <message>
   <source>{calls} and {judges}</source>
   <translation>{calls} و{judges}</translation>
  </message>
  <message numerus="yes">
   <source>{calls} and {n} more</source>
   <translation>
    <numerusform>{calls}</numerusform>
    <numerusform>{calls} وواحد آخر</numerusform>
    <numerusform>{calls} واثنان آخران</numerusform>
    <numerusform>{calls} و{n} أخرى</numerusform>
    <numerusform>{calls} و{n} أخرى</numerusform>
    <numerusform>{calls} و{n} أخرى</numerusform>
   </translation>
  </message>
  <message>
   <source>{calls}. Estimated cost at list prices: {cost}.</source>
   <translation>{calls}. التكلفة بسعر القائمة: {cost}.</translation>
  </message>
  <message>
   <source>{call}: {outcome}</source>
   <translation>{call}: {outcome}</translation>
  </message>
  <message>
   <source>{cases} cases would halve this difference.</source>
   <translation>مع {cases} من الحالات يصير نصف ذلك.</translation>
  </message>
  <message>
   <source>{chart}: {command}</source>
   <translation>{chart}: {command}</translation>
  </message>
  <message>
   <source>{choice}  ({key})</source>
   <translation>{choice}  ({key})</translation>
  </message>
  <message>
   <source>{command}: {keys}</source>
   <translation>‏{command}: {keys}‏</translation>
  </message>
  <message>
   <source>{comparisons} to import</source>
   <translation>للاستيراد {comparisons}‏</translation>
  </message>
  <message>
   <source>{connection} is no longer connected. Choose another model above.</source>
   <translation>لم يعد ‎{connection}‎ متصلًا: اختر نموذجًا آخر في الأعلى.</translation>
  </message>
  <message>
   <source>{connection}, no longer connected</source>
   <translation>‏‎{connection}‎، لم يعد متصلًا</translation>
  </message>
  <message>
   <source>{conversations} and {comparisons} to import</source>
   <translation>للاستيراد {conversations} و{comparisons}‏</translation>
  </message>
  <message>
   <source>{conversations} imported</source>
   <translation>استُورد {conversations}‏</translation>
  </message>
  <message>
   <source>{conversations} to import</source>
   <translation>للاستيراد {conversations}‏</translation>
  </message>
  <message>
   <source>{conversations} with {messages}</source>
   <translation>‏{conversations} فيها {messages}‏</translation>
  </message>
  <message>
   <source>{day}, {time}</source>
   <translation>‏{day}، {time}‏</translation>
  </message>
  <message>
   <source>{detail} ({ms} ms)</source>
   <translation>‏{detail} ({ms} م.ث)</translation>
  </message>
  <message>
   <source>{done} of {of} cases written</source>
   <translation>كُتبت {done} من {of} حالة</translation>
  </message>
  <message>
   <source>{done} of {of} samples</source>
   <translation>{done} من {of} عينة</translation>
  </message>
  <message>
   <source>{done} of {wanted} turns selected</source>
   <translation>اختير {done} من {wanted} دورًا</translation>
  </message>
  <message>
   <source>{errors} of them are from {name} ({percent}% of its responses). The remaining responses may be the easier ones.</source>
   <translation>{errors} منها من {name}، أي {percent} % من إجاباته: قد يكون ما بقي هو الجزء الأسهل.</translation>
  </message>
  <message>
   <source>{expression} does not match the response: {answer}.</source>
   <translation>{expression} لا يطابق شيئًا فيه: {answer}.</translation>
  </message>
  <message>
   <source>{expression} matches {text}.</source>
   <translation>{expression} يطابق {text}.</translation>
  </message>
  <message>
   <source>{field} (required)</source>
   <translation>{field} (مطلوب)</translation>
  </message>
  <message>
   <source>{field} is missing</source>
   <translation>{field} مفقود</translation>
  </message>
  <message>
   <source>{field} must be a number.</source>
   <translation>يجب أن يكون {field} رقمًا.</translation>
  </message>
  <message numerus="yes">
   <source>{field}: choose at least {n}.</source>
   <translation>
    <numerusform>{field}: اختر {n} على الأقل.</numerusform>
    <numerusform>{field}: اختر واحدًا على الأقل.</numerusform>
    <numerusform>{field}: اختر اثنين على الأقل.</numerusform>
    <numerusform>{field}: اختر {n} على الأقل.</numerusform>
    <numerusform>{field}: اختر {n} على الأقل.</numerusform>
    <numerusform>{field}: اختر {n} على الأقل.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{field}: choose at most {n}.</source>
   <translation>
    <numerusform>{field}: اختر {n} على الأكثر.</numerusform>
    <numerusform>{field}: اختر واحدًا على الأكثر.</numerusform>
    <numerusform>{field}: اختر اثنين على الأكثر.</numerusform>
    <numerusform>{field}: اختر {n} على الأكثر.</numerusform>
    <numerusform>{field}: اختر {n} على الأكثر.</numerusform>
    <numerusform>{field}: اختر {n} على الأكثر.</numerusform>
   </translation>
  </message>
  <message>
   <source>{field}: expected {wanted}, got {value}</source>
   <translation>{field}: المتوقع {wanted}، والموجود {value}</translation>
  </message>
  <message>
   <source>{field}: {choice}</source>
   <translation>{field}: {choice}</translation>
  </message>
  <message>
   <source>{files}, {size}.</source>
   <translation>{files}، {size}.</translation>
  </message>
  <message>
   <source>{file} already exists. Replace it?</source>
   <translation>الملف {file} موجود من قبل. أتريد استبداله؟</translation>
  </message>
  <message>
   <source>{file} cannot be read: {reason}.</source>
   <translation>تعذّرت قراءة {file}: {reason}.</translation>
  </message>
  <message>
   <source>{file} contains no presets.</source>
   <translation>لا يحتوي ‎{file}‎ على أي إعدادات مسبقة.</translation>
  </message>
  <message>
   <source>{file} contains no usable presets.</source>
   <translation>لا يحتوي ‎{file}‎ على إعدادات مسبقة يمكن استخدامها.</translation>
  </message>
  <message>
   <source>{file} could not be read: {reason}.</source>
   <translation>لا يمكن قراءة ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>{file} could not be written: {reason}.</source>
   <translation>لا يمكن كتابة ‎{file}‎: {reason}.</translation>
  </message>
  <message>
   <source>{file} does not have a supported file extension.</source>
   <translation>لا يحمل {file} امتدادًا يمكن كتابته.</translation>
  </message>
  <message>
   <source>{file} is empty.</source>
   <translation>{file} فارغ.</translation>
  </message>
  <message>
   <source>{file} is larger than {most} GB.</source>
   <translation>{file} أكبر من {most} غيغابايت.</translation>
  </message>
  <message>
   <source>{file} is larger than {n} MB.</source>
   <translation>{file} أكبر من {n} ميغابايت.</translation>
  </message>
  <message>
   <source>{file} is too large for a presets file.</source>
   <translation>الملف ‎{file}‎ أكبر مما يمكن لملف إعدادات مسبقة.</translation>
  </message>
  <message>
   <source>{file} is too large for a schema.</source>
   <translation>{file} أكبر من أن يكون مخططًا.</translation>
  </message>
  <message>
   <source>{file} · {format} · {conversations}, {new}</source>
   <translation>‏‎{file}‎ · {format} · {conversations}، {new}‏</translation>
  </message>
  <message>
   <source>{file}, line {line}, column {column}: {problem}</source>
   <translation>{file}، السطر {line}، العمود {column}: {problem}</translation>
  </message>
  <message>
   <source>{file}, line {line}: {problem}</source>
   <translation>{file}، السطر {line}: {problem}</translation>
  </message>
  <message>
   <source>{file}, {place}: {problem}</source>
   <translation>{file}، {place}: {problem}</translation>
  </message>
  <message>
   <source>{file}: {problem}</source>
   <translation>{file}: {problem}</translation>
  </message>
  <message>
   <source>{first} and {others}</source>
   <translation>‏{first} و{others}‏</translation>
  </message>
  <message>
   <source>{first} and {second}</source>
   <translation>‏{first} و{second}‏</translation>
  </message>
  <message>
   <source>{first} and {second} differ no more than responses of one model do.</source>
   <translation>‏لا يختلف {first} و{second} أكثر مما تختلف إجابات نموذج واحد.</translation>
  </message>
  <message>
   <source>{first} finishes soonest, usually after {low}; {last} takes {high}.</source>
   <translation>‏ينتهي {first} أولًا، عادةً بعد {low}؛ ويستغرق {last} {high}.</translation>
  </message>
  <message>
   <source>{first} starts to respond soonest, usually after {low}; {last} takes {high}.</source>
   <translation>‏يبدأ {first} بالإجابة أولًا، عادةً بعد {low}؛ ويستغرق {last} {high}.</translation>
  </message>
  <message>
   <source>{first} to {last}</source>
   <translation>{first} إلى {last}</translation>
  </message>
  <message>
   <source>{first} usually finishes after {low}.</source>
   <translation>‏ينتهي {first} عادةً بعد {low}.</translation>
  </message>
  <message>
   <source>{first} usually starts to respond after {low}.</source>
   <translation>‏يبدأ {first} بالإجابة عادةً بعد {low}.</translation>
  </message>
  <message>
   <source>{first} usually writes {low}.</source>
   <translation>‏يكتب {first} عادةً {low}.</translation>
  </message>
  <message>
   <source>{first} writes fastest, usually {low}; {last} writes {high}.</source>
   <translation>‏يكتب {first} أسرع من غيره، عادةً {low}؛ ويكتب {last} {high}.</translation>
  </message>
  <message>
   <source>{first} {second}</source>
   <translation>{first} {second}</translation>
  </message>
  <message>
   <source>{first}, {second}</source>
   <translation>{first}، {second}</translation>
  </message>
  <message>
   <source>{first}: {names}</source>
   <translation>‏{first}: {names}‏</translation>
  </message>
  <message>
   <source>{folder} is not writable. Conversations can be read, searched and exported. Nothing new is saved.</source>
   <translation>لا يمكن الكتابة في ‎{folder}‎. يمكن قراءة المحادثات والبحث فيها وتصديرها؛ ولا يُحفظ شيء جديد.</translation>
  </message>
  <message>
   <source>{folder} is not writable: {reason}.</source>
   <translation>لا يمكن الكتابة في ‎{folder}‎: {reason}.</translation>
  </message>
  <message>
   <source>{folder} is on a network drive ({kind}): saving is slower, and only one computer at a time may use it.</source>
   <translation>يقع ‎{folder}‎ على شبكة ({kind}): الحفظ فيه أبطأ، ولا يجوز أن يستخدمه إلا جهاز واحد في الوقت نفسه.</translation>
  </message>
  <message>
   <source>{folder}, {free} GB free</source>
   <translation>‏‎{folder}‎، ‏{free} غ.ب خالية</translation>
  </message>
  <message>
   <source>{found}, with {votes}</source>
   <translation>{found}، مع {votes}</translation>
  </message>
  <message>
   <source>{host} cannot format a chat for the model ({status}){said}</source>
   <translation>لا يستطيع {host} عرض محادثة على النموذج ({status}){said}</translation>
  </message>
  <message>
   <source>{host} closed the connection before responding.</source>
   <translation>أغلق ‎{host}‎ الاتصال قبل أن يجيب.</translation>
  </message>
  <message>
   <source>{host} closed the connection during the TLS handshake.</source>
   <translation>أغلق ‎{host}‎ الاتصال عند بدء TLS.</translation>
  </message>
  <message>
   <source>{host} could not load the model ({status}){said}</source>
   <translation>تعذّر على {host} تحميل النموذج ({status}){said}</translation>
  </message>
  <message>
   <source>{host} did not accept the connection in time.</source>
   <translation>لم يقبل ‎{host}‎ الاتصال في الوقت المحدد.</translation>
  </message>
  <message>
   <source>{host} did not accept the image ({status}){said}</source>
   <translation>لا يقبل {host} ما أُرسل كصورة ({status}){said}</translation>
  </message>
  <message>
   <source>{host} did not respond in time.</source>
   <translation>لم يُجب {host} في الوقت المحدد.</translation>
  </message>
  <message>
   <source>{host} did not respond within {connect_timeout_s} seconds.</source>
   <translation>لم يُجب ‎{host}‎ خلال {connect_timeout_s} ثانية.</translation>
  </message>
  <message>
   <source>{host} did not respond within {seconds} seconds.</source>
   <translation>لم يُجب ‎{host}‎ خلال {seconds} ثانية.</translation>
  </message>
  <message>
   <source>{host} did not send the update file ({status}).</source>
   <translation>لم يرسل {host} ملف التحديثات ({status}).</translation>
  </message>
  <message>
   <source>{host} does not accept keys ({status}){said}</source>
   <translation>لا يقبل {host} المفاتيح ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not accept this type of key for this request ({status}){said}</source>
   <translation>لا يقبل {host} مفتاحًا كهذا هنا ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not allow this model ({status}){said}</source>
   <translation>لا يسمح {host} بهذا النموذج ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not allow this request ({status}){said}</source>
   <translation>لا يسمح {host} بذلك ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not have enough memory for the model ({status}){said}</source>
   <translation>لا تتوفر لدى {host} مساحة للنموذج ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not report the sources of web searches{said}</source>
   <translation>لا يذكر {host} مصادر عمليات البحث في الويب{said}</translation>
  </message>
  <message>
   <source>{host} does not serve the model under this name ({status}){said}</source>
   <translation>لا يجيب {host} بالنموذج تحت هذا الاسم ({status}){said}</translation>
  </message>
  <message>
   <source>{host} does not speak HTTP.</source>
   <translation>لا يجيب ‎{host}‎ ببروتوكول HTTP.</translation>
  </message>
  <message>
   <source>{host} does not speak TLS on this port.</source>
   <translation>لا يستخدم ‎{host}‎ TLS على هذا المنفذ.</translation>
  </message>
  <message>
   <source>{host} ended the response without a finish reason.</source>
   <translation>أنهى ‎{host}‎ الإجابة دون سبب انتهاء.</translation>
  </message>
  <message>
   <source>{host} failed ({status}){said}</source>
   <translation>فشل ‎{host}‎ ‏({status}){said}‏</translation>
  </message>
  <message>
   <source>{host} failed while responding: {said}</source>
   <translation>فشل ‎{host}‎ أثناء الإجابة: {said}‏</translation>
  </message>
  <message>
   <source>{host} has no database to check keys against ({status}){said}</source>
   <translation>لا توجد لدى {host} قاعدة بيانات، ومن دونها لا يعرف المفاتيح ({status}){said}</translation>
  </message>
  <message>
   <source>{host} has no deployment or model “{shown}”{said}</source>
   <translation>ليس لدى ‎{host}‎ نشر أو نموذج باسم «‎{shown}‎»{said}‏</translation>
  </message>
  <message>
   <source>{host} has no model “{shown}”{said}</source>
   <translation>لا يوجد لدى {host} نموذج باسم «{shown}»{said}</translation>
  </message>
  <message>
   <source>{host} has suspended the account ({status}){said}</source>
   <translation>أوقف {host} الحساب ({status}){said}</translation>
  </message>
  <message>
   <source>{host} is being updated (409){said}</source>
   <translation>يجري تغيير ‎{host}‎ ‏(409){said}‏</translation>
  </message>
  <message>
   <source>{host} is not a valid server address.</source>
   <translation>ليس ‎{host}‎ عنوان خادم.</translation>
  </message>
  <message>
   <source>{host} is not accepting more requests right now (429){said}</source>
   <translation>لا يقبل ‎{host}‎ مزيدًا من الطلبات الآن (429){said}‏</translation>
  </message>
  <message>
   <source>{host} is not reachable: this computer's loopback network is down.</source>
   <translation>تعذر الوصول إلى {host}: شبكة الاسترجاع المحلية لهذا الكمبيوتر معطلة.</translation>
  </message>
  <message>
   <source>{host} is not reachable: too many files and connections are open.</source>
   <translation>تعذّر الوصول إلى ‎{host}‎: لا يُسمح بفتح مزيد من الملفات والاتصالات في وقت واحد.</translation>
  </message>
  <message>
   <source>{host} is not reachable: {reason}.</source>
   <translation>تعذّر الوصول إلى ‎{host}‎: {reason}.</translation>
  </message>
  <message>
   <source>{host} is the portal website, not an endpoint.</source>
   <translation>‏‎{host}‎ صفحة البوابة نفسها، لا نقطة نهاية.</translation>
  </message>
  <message>
   <source>{host} is unavailable ({status}){said}</source>
   <translation>لا يستطيع ‎{host}‎ تقديم الخدمة الآن ({status}){said}‏</translation>
  </message>
  <message>
   <source>{host} no longer has this model ({status}){said}</source>
   <translation>لم يعد هذا النموذج متاحًا لدى {host} ({status}){said}</translation>
  </message>
  <message>
   <source>{host} presented a certificate for another host.</source>
   <translation>شهادة ‎{host}‎ لمضيف آخر.</translation>
  </message>
  <message>
   <source>{host} redirected the request to {shown}. Paragone did not follow the redirect.</source>
   <translation>يحيل ‎{host}‎ الطلب إلى ‎{shown}‎؛ ولم تُتّبع الإحالة.</translation>
  </message>
  <message>
   <source>{host} rejected the key ({status}){said}</source>
   <translation>رفض ‎{host}‎ المفتاح ({status}){said}‏</translation>
  </message>
  <message>
   <source>{host} rejected the request ({status}){said}</source>
   <translation>لا يقبل ‎{host}‎ الطلب ({status}){said}‏</translation>
  </message>
  <message>
   <source>{host} rejected the sign-in ({status}){said}</source>
   <translation>رفض {host} تسجيل الدخول ({status}){said}</translation>
  </message>
  <message>
   <source>{host} requires a key, and this connection has none ({status}){said}</source>
   <translation>يطلب {host} مفتاحًا، وهذا الاتصال لا يرسل أي مفتاح ({status}){said}</translation>
  </message>
  <message>
   <source>{host} requires payment (402){said}</source>
   <translation>يطلب ‎{host}‎ الدفع (402){said}‏</translation>
  </message>
  <message>
   <source>{host} resolves to {addresses}</source>
   <translation>‏‎{host}‎ هو ‎{addresses}‎‏</translation>
  </message>
  <message>
   <source>{host} returned an error ({status}).</source>
   <translation>فشل {host} ({status}).</translation>
  </message>
  <message>
   <source>{host} sent JSON that is nested too deeply.</source>
   <translation>أرسل ‎{host}‎ JSON متداخلًا أكثر من اللازم.</translation>
  </message>
  <message>
   <source>{host} sent JSON that is not a response.</source>
   <translation>أرسل ‎{host}‎ JSON ليس إجابة.</translation>
  </message>
  <message>
   <source>{host} sent a compressed response although none was requested.</source>
   <translation>أرسل ‎{host}‎ إجابة مضغوطة لم تُطلب.</translation>
  </message>
  <message>
   <source>{host} sent a compressed response that could not be decompressed.</source>
   <translation>أرسل {host} جوابًا مضغوطًا لا يمكن فكّه.</translation>
  </message>
  <message>
   <source>{host} sent a compressed response that decompresses to an implausible size.</source>
   <translation>أرسل {host} جوابًا مضغوطًا يصير بعد فكّه أكبر بكثير من أي جواب.</translation>
  </message>
  <message>
   <source>{host} sent a list larger than {MOST_BYTES} bytes.</source>
   <translation>أرسل ‎{host}‎ قائمة تزيد على {MOST_BYTES} بايت.</translation>
  </message>
  <message>
   <source>{host} sent a response larger than {max_event_bytes} bytes.</source>
   <translation>أرسل ‎{host}‎ إجابة تزيد على {max_event_bytes} بايت.</translation>
  </message>
  <message>
   <source>{host} sent a web page{named} instead of a list of models.</source>
   <translation>أرسل ‎{host}‎ صفحة ويب‎{named}‎ بدلًا من قائمة النماذج.</translation>
  </message>
  <message>
   <source>{host} sent a web page{named} instead of a response.</source>
   <translation>أرسل ‎{host}‎ صفحة ويب‎{named}‎ بدلًا من إجابة.</translation>
  </message>
  <message>
   <source>{host} sent an invalid HTTP response.</source>
   <translation>خالف ‎{host}‎ قواعد HTTP في إجابته.</translation>
  </message>
  <message>
   <source>{host} sent an unexpected response to a Batch API request.</source>
   <translation>أرسل {host} شيئًا غير ما ترسله واجهة Batch API لديه.</translation>
  </message>
  <message>
   <source>{host} sent an unexpectedly large response.</source>
   <translation>أجاب {host} بأكثر مما يحتاجه تسجيل الدخول.</translation>
  </message>
  <message>
   <source>{host} sent more than {most} bytes.</source>
   <translation>أرسل {host} أكثر من {most} بايت.</translation>
  </message>
  <message>
   <source>{host} sent no response (status {status}).</source>
   <translation>لم يُعطِ ‎{host}‎ إجابة (الحالة {status}).</translation>
  </message>
  <message>
   <source>{host} sent no response within {first_s} seconds.</source>
   <translation>لم يرسل ‎{host}‎ إجابة خلال {first_s} ثانية.</translation>
  </message>
  <message>
   <source>{host} sent no response within {first_token_timeout_s} seconds.</source>
   <translation>لم يرسل ‎{host}‎ إجابة خلال {first_token_timeout_s} ثانية.</translation>
  </message>
  <message>
   <source>{host} sent no response within {seconds} seconds.</source>
   <translation>لم يرسل ‎{host}‎ إجابة خلال {seconds} ثانية.</translation>
  </message>
  <message>
   <source>{host} sent part of the response as invalid JSON.</source>
   <translation>أرسل ‎{host}‎ جزءًا من الإجابة ليس بصيغة JSON.</translation>
  </message>
  <message>
   <source>{host} sent {value} instead of a response.</source>
   <translation>أرسل ‎{host}‎ ‏{value} بدلًا من إجابة.</translation>
  </message>
  <message>
   <source>{host} stopped sending in the middle of the response.</source>
   <translation>توقف ‎{host}‎ عن الإرسال في منتصف الإجابة.</translation>
  </message>
  <message>
   <source>{host} timed out while waiting for the request (408){said}</source>
   <translation>انتظر ‎{host}‎ الطلب أطول من اللازم (408){said}‏</translation>
  </message>
  <message>
   <source>{host} will not accept more requests for some time ({status}){said}</source>
   <translation>لا يقبل {host} المزيد من هذا لبعض الوقت ({status}){said}</translation>
  </message>
  <message>
   <source>{host} will not accept more requests today (429){said}</source>
   <translation>لا يقبل {host} المزيد من هذا اليوم (429){said}</translation>
  </message>
  <message>
   <source>{keys} is used by “{command}”. Change that shortcut first.</source>
   <translation>‏{keys} مخصّص للأمر «{command}». أعطِ ذلك الأمر مفاتيح أخرى أولًا.</translation>
  </message>
  <message>
   <source>{keys} to answer</source>
   <translation>{keys} للرد</translation>
  </message>
  <message>
   <source>{key} in {source} must be {expected}, not {found}; the default is used.</source>
   <translation>يقبل {key} في ‎{source}‎ ‏{expected}، لا {found}؛ وتُستخدم القيمة المبدئية.</translation>
  </message>
  <message>
   <source>{key} must be {expected}, not {value}.</source>
   <translation>يقبل {key} ‏{expected}، لا {value}.</translation>
  </message>
  <message>
   <source>{kind} exports require an output file.</source>
   <translation>يُكتب {kind} في ملف.</translation>
  </message>
  <message>
   <source>{kind} from {least} to {most}</source>
   <translation>‏{kind} من ‎{least}‎ إلى ‎{most}‎‏</translation>
  </message>
  <message>
   <source>{kind} of at least {least}</source>
   <translation>‏{kind} لا يقل عن ‎{least}‎‏</translation>
  </message>
  <message>
   <source>{kind}: lost {part} of {whole} (exploratory)</source>
   <translation>{kind}: خسر في {part} من {whole} (استكشافي)</translation>
  </message>
  <message>
   <source>{kind}: won {part} of {whole} (exploratory)</source>
   <translation>{kind}: فاز في {part} من {whole} (استكشافي)</translation>
  </message>
  <message>
   <source>{letter} is best</source>
   <translation>{letter} هي الأفضل</translation>
  </message>
  <message>
   <source>{letter} is better</source>
   <translation>{letter} أفضل</translation>
  </message>
  <message>
   <source>{letter}, rank {rank}</source>
   <translation>{letter}، الرتبة {rank}</translation>
  </message>
  <message>
   <source>{letter}: {model}</source>
   <translation>{letter}: {model}</translation>
  </message>
  <message>
   <source>{low} to {high}</source>
   <translation>{low} إلى {high}</translation>
  </message>
  <message>
   <source>{low}–{high}%</source>
   <translation>{low}–{high} %</translation>
  </message>
  <message>
   <source>{margin} points</source>
   <translation>{margin} نقطة</translation>
  </message>
  <message>
   <source>{mean} points, from {low} to {high}</source>
   <translation>{mean} نقطة، من {low} إلى {high}</translation>
  </message>
  <message>
   <source>{measure} by day</source>
   <translation>{measure} حسب اليوم</translation>
  </message>
  <message>
   <source>{measure} by response</source>
   <translation>{measure} حسب الإجابة</translation>
  </message>
  <message>
   <source>{message} {hint}</source>
   <translation>‏{message} {hint}‏</translation>
  </message>
  <message>
   <source>{message} {model} cannot read {names}: not sent.</source>
   <translation>{message} لا يستطيع ‎{model}‎‏ قراءة ‎{names}‎‏: لم يُرسل.</translation>
  </message>
  <message>
   <source>{min} min {s} s</source>
   <translation>‏{min} د {s} ث</translation>
  </message>
  <message>
   <source>{models} made {calls}, {shared} of them in common</source>
   <translation>أجرت {models} {calls}، منها {shared} مشتركة</translation>
  </message>
  <message>
   <source>{models} made {calls}.</source>
   <translation>أجرت {models} {calls}.</translation>
  </message>
  <message>
   <source>{model} (A/A control)</source>
   <translation>‏{model} (مقارنة ضابطة A/A)</translation>
  </message>
  <message>
   <source>{model} (embedded)</source>
   <translation>‏‎{model}‎ (مضمّن)</translation>
  </message>
  <message>
   <source>{model} (judge model)</source>
   <translation>‏{model} (النموذج الحَكَم)</translation>
  </message>
  <message>
   <source>{model} ({number})</source>
   <translation>‏‎{model}‎ ({number})‏</translation>
  </message>
  <message>
   <source>{model} at {host}</source>
   <translation>‏‎{model}‎ لدى ‎{host}‎‏</translation>
  </message>
  <message>
   <source>{model} by day</source>
   <translation>{model}، يومًا بيوم</translation>
  </message>
  <message>
   <source>{model} called {calls} in another order</source>
   <translation>أجرى {model} {calls} بترتيب آخر</translation>
  </message>
  <message>
   <source>{model} cannot read the attachments, and the prompt contains nothing else.</source>
   <translation>لا يحصل {model} على شيء مما أُرفق، ولم يُكتب شيء آخر.</translation>
  </message>
  <message>
   <source>{model} cannot read {name}: not sent.</source>
   <translation>لا يحصل {model} على شيء من {name}.</translation>
  </message>
  <message>
   <source>{model} did not respond</source>
   <translation>لم يُجب ‎{model}‎‏</translation>
  </message>
  <message>
   <source>{model} does not accept files: the text of the attached files was sent instead.</source>
   <translation>لا يقبل ‎{model}‎‏ الملفات: أُرسل نصّ الملفات المرفقة.</translation>
  </message>
  <message>
   <source>{model} does not accept system prompts: the system prompt is sent as a developer message instead.</source>
   <translation>لا يقبل {model} تعليمات النظام؛ لذلك تُرسل كرسالة مطوّر بدلًا من ذلك.</translation>
  </message>
  <message>
   <source>{model} does not accept system prompts: the system prompt is sent with the first prompt instead.</source>
   <translation>لا يقبل {model} تعليمات النظام؛ لذلك تُرسل مع أول رسالة بدلًا من ذلك.</translation>
  </message>
  <message>
   <source>{model} does not accept “{name}”: the parameter was not sent.</source>
   <translation>لا يقبل {model} المعامل «{name}»؛ لذلك حُذف.</translation>
  </message>
  <message>
   <source>{model} does not support schemas: it is asked without one.</source>
   <translation>لا يدعم {model} المخططات: يُسأل من دون مخطط.</translation>
  </message>
  <message>
   <source>{model} does not support structured output: the request was sent without the schema.</source>
   <translation>لا يدعم {model} المخرجات المهيكلة: أُرسل الطلب من دون المخطط.</translation>
  </message>
  <message>
   <source>{model} does not support the API that was last used for it. From now on, Paragone uses the Chat Completions API.</source>
   <translation>لا يجيب {model} عبر الطريق المعروف له؛ سيُسأل من الآن عبر Chat Completions.</translation>
  </message>
  <message>
   <source>{model} does not support tools and responds without them.</source>
   <translation>لا يدعم {model} الأدوات ويجيب من دونها.</translation>
  </message>
  <message>
   <source>{model} does not support tools: the request was sent without them.</source>
   <translation>لا يدعم {model} الأدوات: أُرسل الطلب من دونها.</translation>
  </message>
  <message>
   <source>{model} does not support web search and responds without it.</source>
   <translation>لا يدعم {model} البحث في الويب ويجيب من دونه.</translation>
  </message>
  <message>
   <source>{model} does not support web search: the request was sent without it.</source>
   <translation>لا يدعم {model} البحث في الويب: أُرسل الطلب من دونه.</translation>
  </message>
  <message>
   <source>{model} from {connection}</source>
   <translation>‏‎{model}‎ من ‎{connection}‎‏</translation>
  </message>
  <message numerus="yes">
   <source>{model} has a context window of {window} tokens: the oldest {n} turns will not be sent. Choose Shorten to continue in a new chat with the newest turns.</source>
   <translation>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: ستُرسل كل الأدوار. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: لن يُرسل أقدم دور. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: لن يُرسل أقدم دورين. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: لن تُرسل أقدم {n} أدوار. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: لن يُرسل أقدم {n} دورًا. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
    <numerusform>يقرأ ‎{model}‎ عدد {window} من الرموز دفعة واحدة: لن يُرسل أقدم {n} دور. يتابع «تقصير» في دردشة جديدة بأحدث الأدوار.</numerusform>
   </translation>
  </message>
  <message>
   <source>{model} is off</source>
   <translation>لا يشارك ‎{model}‎‏</translation>
  </message>
  <message>
   <source>{model} is on</source>
   <translation>يشارك ‎{model}‎‏</translation>
  </message>
  <message>
   <source>{model} left out {calls}</source>
   <translation>ترك {model} {calls}</translation>
  </message>
  <message>
   <source>{model} only supports the Messages API, for which Paragone does not support batches.</source>
   <translation>يجيب {model} عبر Messages فقط، ولا توجد لها واجهة Batch API هنا.</translation>
  </message>
  <message>
   <source>{model} only supports the Messages API. From now on, Paragone uses that API.</source>
   <translation>يجيب {model} عبر Messages فقط؛ سيُسأل عبرها من الآن فصاعدًا.</translation>
  </message>
  <message>
   <source>{model} only supports the Responses API. From now on, Paragone uses that API.</source>
   <translation>لا يجيب {model} إلا عبر Responses؛ سيُسأل عبرها من الآن فصاعدًا.</translation>
  </message>
  <message>
   <source>{model} only supports this API, which its server does not offer. Choose another model, or ask the server's administrator.</source>
   <translation>لا يجيب {model} إلا عبر هذا المسار الذي لا يوفّره خادمه: اختر نموذجًا آخر، أو اسأل من يدير الخادم.</translation>
  </message>
  <message>
   <source>{model} responded</source>
   <translation>أجاب ‎{model}‎‏</translation>
  </message>
  <message>
   <source>{model} responds ({ms} ms)</source>
   <translation>يجيب ‎{model}‎ ({ms} م.ث)</translation>
  </message>
  <message>
   <source>{model} used other arguments for {calls}</source>
   <translation>استخدم {model} وسائط أخرى لـ {calls}</translation>
  </message>
  <message>
   <source>{model} uses “{instead}” instead of “{name}”.</source>
   <translation>يقبل {model} «{instead}» بدلًا من «{name}».</translation>
  </message>
  <message>
   <source>{model}, all connections</source>
   <translation>‏{model}، كل الاتصالات</translation>
  </message>
  <message>
   <source>{model}, within model</source>
   <translation>‏{model}، مع نفسه</translation>
  </message>
  <message>
   <source>{model}, {day}: p50 {median}</source>
   <translation>‏{model}، {day}: p50 {median}</translation>
  </message>
  <message>
   <source>{model}, {day}: p50 {median}, p95 {high}</source>
   <translation>‏{model}، {day}: p50 {median}، p95 {high}</translation>
  </message>
  <message>
   <source>{model}, {day}: {cost}</source>
   <translation>‏{model}، {day}: {cost}</translation>
  </message>
  <message numerus="yes">
   <source>{model}: p50 {median}, {n} responses</source>
   <translation>
    <numerusform>‏{model}: p50 {median}، لا إجابات</numerusform>
    <numerusform>‏{model}: p50 {median}، إجابة واحدة</numerusform>
    <numerusform>‏{model}: p50 {median}، إجابتان</numerusform>
    <numerusform>‏{model}: p50 {median}، {n} إجابات</numerusform>
    <numerusform>‏{model}: p50 {median}، {n} إجابة</numerusform>
    <numerusform>‏{model}: p50 {median}، {n} إجابة</numerusform>
   </translation>
  </message>
  <message>
   <source>{model}: {ending}</source>
   <translation>‏‎{model}‎: {ending}‏</translation>
  </message>
  <message>
   <source>{ms} ms</source>
   <translation>‏{ms} م.ث</translation>
  </message>
  <message>
   <source>{names} attached.</source>
   <translation>أُرفق {names}.</translation>
  </message>
  <message numerus="yes">
   <source>{names} send summaries of their reasoning, so the length and time of this reasoning cannot be compared with other models.</source>
   <translation>
    <numerusform>ترسل {names} ملخصات لتفكيرها: لا يقارن طولها ومدتها بغيرها.</numerusform>
    <numerusform>يرسل {names} ملخصًا لتفكيره: لا يقارن طوله ومدته بغيره.</numerusform>
    <numerusform>يرسل {names} ملخصين لتفكيرهما: لا يقارن طولهما ومدتهما بغيرهما.</numerusform>
    <numerusform>ترسل {names} ملخصات لتفكيرها: لا يقارن طولها ومدتها بغيرها.</numerusform>
    <numerusform>ترسل {names} ملخصات لتفكيرها: لا يقارن طولها ومدتها بغيرها.</numerusform>
    <numerusform>ترسل {names} ملخصات لتفكيرها: لا يقارن طولها ومدتها بغيرها.</numerusform>
   </translation>
  </message>
  <message>
   <source>{names}: no response in this turn yet.</source>
   <translation>‏{names}: لا إجابة في هذا الدور بعد.</translation>
  </message>
  <message>
   <source>{name} (search timed out)</source>
   <translation>‏‎{name}‎ (تعذّر البحث عنه في الوقت المحدد)</translation>
  </message>
  <message>
   <source>{name} ({n})</source>
   <translation>{name} ({n})</translation>
  </message>
  <message>
   <source>{name} ({values})</source>
   <translation>{name} ({values})</translation>
  </message>
  <message>
   <source>{name} cannot be displayed.</source>
   <translation>لا يمكن عرض شيء من {name}.</translation>
  </message>
  <message>
   <source>{name} cannot be read: the file is damaged or in an unexpected format.</source>
   <translation>تتعذر قراءة {name}: الملف تالف أو من نوع آخر.</translation>
  </message>
  <message>
   <source>{name} cannot be read: {reason}.</source>
   <translation>تتعذر قراءة {name}: {reason}.</translation>
  </message>
  <message>
   <source>{name} changed by no more than {most} points ({low} to {high}) over {cases} cases.</source>
   <translation>لم يتغير {name} بأكثر من {most} نقطة ({low} إلى {high}) على {cases} حالة.</translation>
  </message>
  <message>
   <source>{name} contains Cherry Studio's live database.</source>
   <translation>يحتوي {name} على قاعدة بيانات Cherry Studio كما هي على القرص.</translation>
  </message>
  <message>
   <source>{name} contains more than {most} conversations.</source>
   <translation>يحتوي ‎{name}‎ على أكثر من {most} محادثة.</translation>
  </message>
  <message>
   <source>{name} contains more than {most} files to import.</source>
   <translation>يحوي {name} أكثر من {most} ملف للاستيراد.</translation>
  </message>
  <message>
   <source>{name} contains more than {most} files.</source>
   <translation>يحتوي ‎{name}‎ على أكثر من {most} من الملفات.</translation>
  </message>
  <message>
   <source>{name} contains no conversation files.</source>
   <translation>لا يحوي {name} ملفًا فيه محادثة.</translation>
  </message>
  <message>
   <source>{name} contains no conversations.</source>
   <translation>لا يحتوي ‎{name}‎ على أي محادثة.</translation>
  </message>
  <message>
   <source>{name} contains no language model ({value}).</source>
   <translation>لا يحتوي ‎{name}‎ على نموذج لغوي ({value}).</translation>
  </message>
  <message>
   <source>{name} contains no text that a model can read.</source>
   <translation>لا يحتوي {name} على نص يمكن إعطاؤه لنموذج.</translation>
  </message>
  <message numerus="yes">
   <source>{name} contains {n} responses without a matching request: {shown}.</source>
   <translation>
    <numerusform>لا يحوي {name} إجابات لم يطلبها أحد: {shown}.</numerusform>
    <numerusform>يحوي {name} إجابة واحدة لم يطلبها أحد: {shown}.</numerusform>
    <numerusform>يحوي {name} إجابتين لم يطلبهما أحد: {shown}.</numerusform>
    <numerusform>يحوي {name} {n} إجابات لم يطلبها أحد: {shown}.</numerusform>
    <numerusform>يحوي {name} {n} إجابة لم يطلبها أحد: {shown}.</numerusform>
    <numerusform>يحوي {name} {n} إجابة لم يطلبها أحد: {shown}.</numerusform>
   </translation>
  </message>
  <message>
   <source>{name} could not be imported. {reason}</source>
   <translation>لا يمكن استيراد ‎{name}‎. {reason}‏</translation>
  </message>
  <message>
   <source>{name} could not be read within {seconds} seconds. Attach a smaller part of the file.</source>
   <translation>تعذّرت قراءة {name} خلال {seconds} ثانية. أرفق جزءًا منه.</translation>
  </message>
  <message>
   <source>{name} could not be read: the process that reads attachments failed. Attach the file in another format.</source>
   <translation>تعذّرت قراءة {name}: أخفقت العملية التي تقرأ المرفقات. أرفقه بصيغة أخرى.</translation>
  </message>
  <message>
   <source>{name} could not be read: {value}.</source>
   <translation>لا يمكن قراءة ‎{name}‎: {value}.</translation>
  </message>
  <message>
   <source>{name} does not match its hash and is left out.</source>
   <translation>{name} ليس الملف المذكور، فاستُبعد.</translation>
  </message>
  <message>
   <source>{name} has a malformed header: {what} at byte {at}.</source>
   <translation>ترويسة ‎{name}‎ معيبة: {what} عند البايت {at}.</translation>
  </message>
  <message>
   <source>{name} has different parameters or a different system prompt in the later run.</source>
   <translation>لدى {name} في التشغيل اللاحق معاملات أخرى أو طلب نظام آخر.</translation>
  </message>
  <message>
   <source>{name} has more than {most} lines, the maximum for Markdown.</source>
   <translation>{name} يحوي أكثر من {most} سطر، وهو الحد الأقصى لملفات Markdown.</translation>
  </message>
  <message>
   <source>{name} has written no log.</source>
   <translation>لم يكتب {name} أي سجل.</translation>
  </message>
  <message>
   <source>{name} is a database, but not llm's log.</source>
   <translation>الملف ‎{name}‎ قاعدة بيانات، لكنه ليس سجل llm.</translation>
  </message>
  <message>
   <source>{name} is a folder.</source>
   <translation>‏‎{name}‎ مجلد.</translation>
  </message>
  <message>
   <source>{name} is an unsupported type of GGUF file ({odd}).</source>
   <translation>الملف ‎{name}‎ من نوع GGUF غير مدعوم ({odd}).</translation>
  </message>
  <message>
   <source>{name} is attached to the prompt. Is this file an export from another program?</source>
   <translation>{name} يُرسل مع الطلب. هل هو تصدير من برنامج آخر؟</translation>
  </message>
  <message>
   <source>{name} is better in the later run: {points} points ({low} to {high}) over {cases} cases.</source>
   <translation>{name} أفضل في التشغيل اللاحق: {points} نقطة ({low} إلى {high}) على {cases} حالة.</translation>
  </message>
  <message>
   <source>{name} is better than {others}.</source>
   <translation>{name} أفضل من {others}.</translation>
  </message>
  <message>
   <source>{name} is compressed so heavily that it looks malicious. It was not unpacked.</source>
   <translation>ضُغط ‎{name}‎ بكثافة تجعله يبدو فخًا؛ ولم يُفكّ.</translation>
  </message>
  <message>
   <source>{name} is damaged, or was changed during the import.</source>
   <translation>‎{name}‎ تالف أو تغيّر في هذه الأثناء.</translation>
  </message>
  <message>
   <source>{name} is empty.</source>
   <translation>{name} فارغ.</translation>
  </message>
  <message>
   <source>{name} is encrypted.</source>
   <translation>الملف ‎{name}‎ مشفّر.</translation>
  </message>
  <message>
   <source>{name} is incomplete ({size} of {value} bytes).</source>
   <translation>الملف ‎{name}‎ غير مكتمل: يحتوي على {size} من {value} بايت.</translation>
  </message>
  <message>
   <source>{name} is larger than {most} MB, the maximum for Markdown.</source>
   <translation>{name} أكبر من {most} ميغابايت، وهو الحد الأقصى لملفات Markdown.</translation>
  </message>
  <message>
   <source>{name} is larger than {most} MB.</source>
   <translation>{name} أكبر من {most} ميغابايت.</translation>
  </message>
  <message>
   <source>{name} is not a GGUF file.</source>
   <translation>الملف ‎{name}‎ ليس ملف GGUF.</translation>
  </message>
  <message>
   <source>{name} is not a file.</source>
   <translation>{name} ليس ملفًا.</translation>
  </message>
  <message>
   <source>{name} is not a readable database: {error}.</source>
   <translation>الملف ‎{name}‎ ليس قاعدة بيانات يمكن قراءتها: {error}.</translation>
  </message>
  <message>
   <source>{name} is not a readable zip archive: {error}.</source>
   <translation>الملف ‎{name}‎ ليس ملف zip يمكن قراءته: {error}.</translation>
  </message>
  <message>
   <source>{name} is not in an export format that Paragone supports.</source>
   <translation>الملف ‎{name}‎ ليس ملفًا مصدَّرًا يعرفه Paragone.</translation>
  </message>
  <message>
   <source>{name} is not responding</source>
   <translation>لا يجيب ‎{name}‎‏</translation>
  </message>
  <message>
   <source>{name} is one of {parts} parts of a model.</source>
   <translation>الملف ‎{name}‎ واحد من {parts} من أجزاء نموذج.</translation>
  </message>
  <message>
   <source>{name} is password-protected.</source>
   <translation>{name} مقفل بكلمة مرور.</translation>
  </message>
  <message>
   <source>{name} is too large when unpacked.</source>
   <translation>{name} كبير جدًا عند فك ضغطه.</translation>
  </message>
  <message>
   <source>{name} is worse in the later run: {points} points ({low} to {high}) over {cases} cases.</source>
   <translation>{name} أسوأ في التشغيل اللاحق: {points} نقطة ({low} إلى {high}) على {cases} حالة.</translation>
  </message>
  <message>
   <source>{name} is {model} in the earlier run and {other} in the later one.</source>
   <translation>{name} هو {model} في التشغيل السابق و{other} في اللاحق.</translation>
  </message>
  <message>
   <source>{name} must be a number {bounds}, not {raw}.</source>
   <translation>يقبل ‎{name}‎ رقمًا {bounds}، لا ‎{raw}‎.</translation>
  </message>
  <message>
   <source>{name} must be {value}, not “{raw}”.</source>
   <translation>يقبل ‎{name}‎ ‏{value}، لا «‎{raw}‎».</translation>
  </message>
  <message>
   <source>{name} needs about {need} GB of memory. {free} GB is free, and a model can use at most {share} of that.</source>
   <translation>يحتاج ‎{name}‎ إلى نحو {need} غ.ب من الذاكرة؛ الخالي {free} غ.ب، وله أن يأخذ منها {share}.</translation>
  </message>
  <message>
   <source>{name} no longer exists and was not sent.</source>
   <translation>لم يعد {name} موجودًا ولم يُرسل.</translation>
  </message>
  <message>
   <source>{name} no longer exists.</source>
   <translation>لم يعد {name} موجودًا.</translation>
  </message>
  <message>
   <source>{name} was changed during the import.</source>
   <translation>تغيّر ‎{name}‎ في هذه الأثناء.</translation>
  </message>
  <message>
   <source>{name} was not attached because another conversation was opened while the file was being read.</source>
   <translation>قُرئ {name} بعد أن عُرض هنا شيء آخر، ولا يُرسل مع شيء.</translation>
  </message>
  <message>
   <source>{name} was not attached: the files attached to a prompt can total at most {n} MB.</source>
   <translation>لم يُرفق {name}: يجوز أن تبلغ ملفات الطلب معًا {n} ميغابايت.</translation>
  </message>
  <message>
   <source>{name} was removed, but its key may still be in the keyring.</source>
   <translation>أُزيل ‎{name}‎، لكن مفتاحه قد يكون باقيًا في حلقة المفاتيح.</translation>
  </message>
  <message>
   <source>{name} was removed.</source>
   <translation>أزيل {name}.</translation>
  </message>
  <message>
   <source>{name} was removed. Its conversations are kept and can still be read.</source>
   <translation>أُزيل ‎{name}‎. تبقى محادثاته ويمكن قراءتها.</translation>
  </message>
  <message>
   <source>{name} was removed; now showing {next}.</source>
   <translation>أُزيل {name}، ويُعرض {next}.</translation>
  </message>
  <message>
   <source>{name} was saved. Choose Test to start it and list its tools.</source>
   <translation>حُفظ {name}. اختر «اختبار» لتشغيله وسرد أدواته.</translation>
  </message>
  <message>
   <source>{name} was sent but no longer exists. A reference replaces it.</source>
   <translation>أُرسل معه {name} ولم يعد موجودًا: تقوم إحالة مقامه.</translation>
  </message>
  <message>
   <source>{name} was written by a newer version of Paragone ({schema}).</source>
   <translation>كتب ‎{name}‎ إصدارٌ أحدث من Paragone ‏({schema}).</translation>
  </message>
  <message>
   <source>{name}, page {page} of {pages}</source>
   <translation>{name}، الصفحة {page} من {pages}</translation>
  </message>
  <message>
   <source>{name}, {hint}</source>
   <translation>‏‎{name}‎، {hint}‏</translation>
  </message>
  <message>
   <source>{name}: inconclusive; the change of {points} points ({low} to {high}) over {cases} cases may be due to chance.</source>
   <translation>{name}: غير حاسم، فقد يكون التغير بمقدار {points} نقطة ({low} إلى {high}) على {cases} حالة من قبيل المصادفة.</translation>
  </message>
  <message numerus="yes">
   <source>{name}: nothing can be concluded from {n} cases scored in both runs.</source>
   <translation>
    <numerusform>{name}: لا حالة لها درجة في التشغيلين، فلا يمكن قول شيء.</numerusform>
    <numerusform>{name}: لا يمكن قول شيء من حالة واحدة لها درجة في التشغيلين.</numerusform>
    <numerusform>{name}: لا يمكن قول شيء من حالتين لهما درجة في التشغيلين.</numerusform>
    <numerusform>{name}: لا يمكن قول شيء من {n} حالات لها درجة في التشغيلين.</numerusform>
    <numerusform>{name}: لا يمكن قول شيء من {n} حالة لها درجة في التشغيلين.</numerusform>
    <numerusform>{name}: لا يمكن قول شيء من {n} حالة لها درجة في التشغيلين.</numerusform>
   </translation>
  </message>
  <message>
   <source>{name}: the threshold must be a number from 0 to 1.</source>
   <translation>{name}: يجب أن تكون العتبة رقمًا من 0 إلى 1.</translation>
  </message>
  <message>
   <source>{name}: the tolerance must be a number or a percentage such as 5%.</source>
   <translation>{name}: يجب أن يكون التفاوت رقمًا أو نسبة مئوية مثل 5%.</translation>
  </message>
  <message>
   <source>{name}: {parameters}</source>
   <translation>‏{name}: {parameters}</translation>
  </message>
  <message>
   <source>{name}: {value}</source>
   <translation>‏{name}: {value}</translation>
  </message>
  <message>
   <source>{name}: {value}.</source>
   <translation>‏‎{name}‎: {value}.</translation>
  </message>
  <message>
   <source>{name}: “number” must be a number.</source>
   <translation>{name}: يجب أن يكون «number» رقمًا.</translation>
  </message>
  <message>
   <source>{name}: “set” must be a list.</source>
   <translation>{name}: يجب أن يكون «set» قائمة.</translation>
  </message>
  <message>
   <source>{name}: “similarity” must be a text.</source>
   <translation>{name}: يجب أن يكون «similarity» نصًا.</translation>
  </message>
  <message>
   <source>{number} GB</source>
   <translation>‏{number} غ.ب</translation>
  </message>
  <message>
   <source>{number} MB</source>
   <translation>‏{number} ميغابايت</translation>
  </message>
  <message>
   <source>{number} kB</source>
   <translation>‏{number} ك.ب</translation>
  </message>
  <message>
   <source>{number}+</source>
   <translation>‎{number}+‎</translation>
  </message>
  <message>
   <source>{number}: {prompt}</source>
   <translation>‏{number}: {prompt}‏</translation>
  </message>
  <message>
   <source>{n} ({reason})</source>
   <translation>‏{n} ({reason})</translation>
  </message>
  <message>
   <source>{n} MB</source>
   <translation>{n} ميغابايت</translation>
  </message>
  <message numerus="yes">
   <source>{n} already in Paragone</source>
   <translation>
    <numerusform>لا شيء موجود هنا من قبل</numerusform>
    <numerusform>واحدة موجودة هنا بالفعل</numerusform>
    <numerusform>اثنتان موجودتان هنا بالفعل</numerusform>
    <numerusform>‏{n} موجودة هنا بالفعل</numerusform>
    <numerusform>‏{n} موجودة هنا بالفعل</numerusform>
    <numerusform>‏{n} موجودة هنا بالفعل</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} always allowed</source>
   <translation>
    <numerusform>{n} مسموح دائمًا</numerusform>
    <numerusform>واحدة مسموحة دائمًا</numerusform>
    <numerusform>اثنتان مسموحتان دائمًا</numerusform>
    <numerusform>{n} مسموحة دائمًا</numerusform>
    <numerusform>{n} مسموحة دائمًا</numerusform>
    <numerusform>{n} مسموحة دائمًا</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} attached files</source>
   <translation>
    <numerusform>لا ملفات مرفقة</numerusform>
    <numerusform>ملف مرفق واحد</numerusform>
    <numerusform>ملفان مرفقان</numerusform>
    <numerusform>{n} ملفات مرفقة</numerusform>
    <numerusform>{n} ملفًا مرفقًا</numerusform>
    <numerusform>{n} ملف مرفق</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} attached files are missing</source>
   <translation>
    <numerusform>لا ملفات مرفقة مفقودة</numerusform>
    <numerusform>ملف مرفق واحد مفقود</numerusform>
    <numerusform>ملفان مرفقان مفقودان</numerusform>
    <numerusform>{n} ملفات مرفقة مفقودة</numerusform>
    <numerusform>{n} ملفًا مرفقًا مفقودًا</numerusform>
    <numerusform>{n} ملف مرفق مفقود</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} attached files are missing.</source>
   <translation>
    <numerusform>لا ملفات مرفقة مفقودة.</numerusform>
    <numerusform>ملف مرفق واحد يذكره لم يعد موجودًا في أي مكان.</numerusform>
    <numerusform>ملفان مرفقان يذكرهما لم يعودا موجودين في أي مكان.</numerusform>
    <numerusform>{n} ملفات مرفقة يذكرها لم تعد موجودة في أي مكان.</numerusform>
    <numerusform>{n} ملفًا مرفقًا يذكرها لم تعد موجودة في أي مكان.</numerusform>
    <numerusform>{n} ملف مرفق يذكرها لم تعد موجودة في أي مكان.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} attached files will be restored.</source>
   <translation>
    <numerusform>لا يعود أي ملف مرفق.</numerusform>
    <numerusform>يعود ملف مرفق واحد.</numerusform>
    <numerusform>يعود ملفان مرفقان.</numerusform>
    <numerusform>تعود {n} ملفات مرفقة.</numerusform>
    <numerusform>يعود {n} ملفًا مرفقًا.</numerusform>
    <numerusform>يعود {n} ملف مرفق.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} bytes</source>
   <translation>
    <numerusform>{n} بايت</numerusform>
    <numerusform>بايت واحد</numerusform>
    <numerusform>بايتان</numerusform>
    <numerusform>{n} بايتات</numerusform>
    <numerusform>{n} بايتًا</numerusform>
    <numerusform>{n} بايت</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} calls</source>
   <translation>
    <numerusform>لا استدعاءات</numerusform>
    <numerusform>استدعاء واحد</numerusform>
    <numerusform>استدعاءان</numerusform>
    <numerusform>{n} استدعاءات</numerusform>
    <numerusform>{n} استدعاءً</numerusform>
    <numerusform>{n} استدعاء</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases</source>
   <translation>
    <numerusform>لا حالات</numerusform>
    <numerusform>حالة واحدة</numerusform>
    <numerusform>حالتان</numerusform>
    <numerusform>{n} حالات</numerusform>
    <numerusform>{n} حالة</numerusform>
    <numerusform>{n} حالة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases added.</source>
   <translation>
    <numerusform>لم تُضف حالات.</numerusform>
    <numerusform>أُضيفت حالة واحدة.</numerusform>
    <numerusform>أُضيفت حالتان.</numerusform>
    <numerusform>أُضيفت {n} حالات.</numerusform>
    <numerusform>أُضيفت {n} حالة.</numerusform>
    <numerusform>أُضيفت {n} حالة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases are only in the earlier run.</source>
   <translation>
    <numerusform>لا حالة في التشغيل السابق وحده.</numerusform>
    <numerusform>حالة واحدة في التشغيل السابق وحده.</numerusform>
    <numerusform>حالتان في التشغيل السابق وحده.</numerusform>
    <numerusform>{n} حالات في التشغيل السابق وحده.</numerusform>
    <numerusform>{n} حالة في التشغيل السابق وحده.</numerusform>
    <numerusform>{n} حالة في التشغيل السابق وحده.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases are only in the later run.</source>
   <translation>
    <numerusform>لا حالة في التشغيل اللاحق وحده.</numerusform>
    <numerusform>حالة واحدة في التشغيل اللاحق وحده.</numerusform>
    <numerusform>حالتان في التشغيل اللاحق وحده.</numerusform>
    <numerusform>{n} حالات في التشغيل اللاحق وحده.</numerusform>
    <numerusform>{n} حالة في التشغيل اللاحق وحده.</numerusform>
    <numerusform>{n} حالة في التشغيل اللاحق وحده.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases changed</source>
   <translation>
    <numerusform>لم تتغيّر حالات</numerusform>
    <numerusform>تغيّرت حالة واحدة</numerusform>
    <numerusform>تغيّرت حالتان</numerusform>
    <numerusform>تغيّرت {n} حالات</numerusform>
    <numerusform>تغيّرت {n} حالة</numerusform>
    <numerusform>تغيّرت {n} حالة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cases in both runs are graded differently in the later run.</source>
   <translation>
    <numerusform>لا حالة مشتركة تُقيَّم تقييمًا مختلفًا في التشغيل اللاحق.</numerusform>
    <numerusform>حالة واحدة مشتركة بين التشغيلين تُقيَّم تقييمًا مختلفًا في اللاحق.</numerusform>
    <numerusform>حالتان مشتركتان بين التشغيلين تُقيَّمان تقييمًا مختلفًا في اللاحق.</numerusform>
    <numerusform>{n} حالات مشتركة بين التشغيلين تُقيَّم تقييمًا مختلفًا في اللاحق.</numerusform>
    <numerusform>{n} حالة مشتركة بين التشغيلين تُقيَّم تقييمًا مختلفًا في اللاحق.</numerusform>
    <numerusform>{n} حالة مشتركة بين التشغيلين تُقيَّم تقييمًا مختلفًا في اللاحق.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} certificates, {version}</source>
   <translation>
    <numerusform>بلا شهادات، {version}</numerusform>
    <numerusform>شهادة واحدة، {version}</numerusform>
    <numerusform>شهادتان، {version}</numerusform>
    <numerusform>{n} شهادات، {version}</numerusform>
    <numerusform>{n} شهادةً، {version}</numerusform>
    <numerusform>{n} شهادة، {version}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} characters</source>
   <translation>
    <numerusform>لا محارف</numerusform>
    <numerusform>محرف واحد</numerusform>
    <numerusform>محرفان</numerusform>
    <numerusform>{n} محارف</numerusform>
    <numerusform>{n} محرفًا</numerusform>
    <numerusform>{n} محرف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} checks failed.</source>
   <translation>
    <numerusform>لم يفشل أي فحص.</numerusform>
    <numerusform>فشل فحص واحد.</numerusform>
    <numerusform>فشل فحصان.</numerusform>
    <numerusform>فشلت {n} فحوص.</numerusform>
    <numerusform>فشل {n} فحصًا.</numerusform>
    <numerusform>فشل {n} فحص.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} columns</source>
   <translation>
    <numerusform>بلا أعمدة</numerusform>
    <numerusform>عمود واحد</numerusform>
    <numerusform>عمودان</numerusform>
    <numerusform>‏{n} أعمدة</numerusform>
    <numerusform>‏{n} عمودًا</numerusform>
    <numerusform>‏{n} عمود</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} comparisons</source>
   <translation>
    <numerusform>لا مقارنات</numerusform>
    <numerusform>مقارنة واحدة</numerusform>
    <numerusform>مقارنتان</numerusform>
    <numerusform>‏{n} مقارنات</numerusform>
    <numerusform>‏{n} مقارنة</numerusform>
    <numerusform>‏{n} مقارنة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} connections</source>
   <translation>
    <numerusform>لا اتصالات</numerusform>
    <numerusform>اتصال واحد</numerusform>
    <numerusform>اتصالان</numerusform>
    <numerusform>‏{n} اتصالات</numerusform>
    <numerusform>‏{n} اتصالًا</numerusform>
    <numerusform>‏{n} اتصال</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} consecutive calls to “{connection}” failed. Last error: {message}</source>
   <translation>فشل {n} من استدعاءات «{connection}» واحدًا تلو الآخر، وآخرها: {message}</translation>
  </message>
  <message numerus="yes">
   <source>{n} contenders</source>
   <translation>
    <numerusform>لا متنافسين</numerusform>
    <numerusform>متنافس واحد</numerusform>
    <numerusform>متنافسان</numerusform>
    <numerusform>{n} متنافسين</numerusform>
    <numerusform>{n} متنافسًا</numerusform>
    <numerusform>{n} متنافس</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} contenders are too many to rank at once (at most {most}).</source>
   <translation>
    <numerusform>لا متنافسين ({most}).</numerusform>
    <numerusform>متنافس واحد أكثر مما يمكن ترتيبه معًا ({most}).</numerusform>
    <numerusform>متنافسان أكثر مما يمكن ترتيبه معًا ({most}).</numerusform>
    <numerusform>{n} متنافسين أكثر مما يمكن ترتيبه معًا ({most}).</numerusform>
    <numerusform>{n} متنافسًا أكثر مما يمكن ترتيبه معًا ({most}).</numerusform>
    <numerusform>{n} متنافس أكثر مما يمكن ترتيبه معًا ({most}).</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations</source>
   <translation>
    <numerusform>لا محادثات</numerusform>
    <numerusform>محادثة واحدة</numerusform>
    <numerusform>محادثتان</numerusform>
    <numerusform>‏{n} محادثات</numerusform>
    <numerusform>‏{n} محادثة</numerusform>
    <numerusform>‏{n} محادثة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations are in the archive.</source>
   <translation>
    <numerusform>لا محادثات في الأرشيف.</numerusform>
    <numerusform>محادثة واحدة في الأرشيف.</numerusform>
    <numerusform>محادثتان في الأرشيف.</numerusform>
    <numerusform>‏{n} محادثات في الأرشيف.</numerusform>
    <numerusform>‏{n} محادثة في الأرشيف.</numerusform>
    <numerusform>‏{n} محادثة في الأرشيف.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations are in the trash.</source>
   <translation>
    <numerusform>لا محادثات في سلة المهملات.</numerusform>
    <numerusform>محادثة واحدة في سلة المهملات.</numerusform>
    <numerusform>محادثتان في سلة المهملات.</numerusform>
    <numerusform>‏{n} محادثات في سلة المهملات.</numerusform>
    <numerusform>‏{n} محادثة في سلة المهملات.</numerusform>
    <numerusform>‏{n} محادثة في سلة المهملات.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations removed</source>
   <translation>
    <numerusform>لم تُزَل أي محادثة</numerusform>
    <numerusform>أُزيلت محادثة واحدة مجددًا</numerusform>
    <numerusform>أُزيلت محادثتان مجددًا</numerusform>
    <numerusform>أُزيلت {n} محادثات مجددًا</numerusform>
    <numerusform>أُزيلت {n} محادثة مجددًا</numerusform>
    <numerusform>أُزيلت {n} محادثة مجددًا</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations saved to {path}</source>
   <translation>
    <numerusform>لم تُكتب أي محادثة في ‎{path}‎‏</numerusform>
    <numerusform>كُتبت محادثة واحدة في ‎{path}‎‏</numerusform>
    <numerusform>كُتبت محادثتان في ‎{path}‎‏</numerusform>
    <numerusform>كُتبت {n} محادثات في ‎{path}‎‏</numerusform>
    <numerusform>كُتبت {n} محادثة في ‎{path}‎‏</numerusform>
    <numerusform>كُتبت {n} محادثة في ‎{path}‎‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations were restored.</source>
   <translation>
    <numerusform>لا محادثات عادت.</numerusform>
    <numerusform>عادت محادثة واحدة.</numerusform>
    <numerusform>عادت محادثتان.</numerusform>
    <numerusform>عادت {n} محادثات.</numerusform>
    <numerusform>عادت {n} محادثة.</numerusform>
    <numerusform>عادت {n} محادثة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations were skipped because they were continued after the import or had already been removed.</source>
   <translation>
    <numerusform>لا شيء يبقى.</numerusform>
    <numerusform>تبقى واحدة: تُوبعت منذئذ، أو أُزيلت من قبل.</numerusform>
    <numerusform>تبقى اثنتان: تُوبعتا منذئذ، أو أُزيلتا من قبل.</numerusform>
    <numerusform>تبقى {n}: تُوبعت منذئذ، أو أُزيلت من قبل.</numerusform>
    <numerusform>تبقى {n}: تُوبعت منذئذ، أو أُزيلت من قبل.</numerusform>
    <numerusform>تبقى {n}: تُوبعت منذئذ، أو أُزيلت من قبل.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations will be reset to their earlier state: {titles}</source>
   <translation>
    <numerusform>لن يعود شيء كما كان حينها: {titles}‏</numerusform>
    <numerusform>تعود واحدة كما كانت حينها: {titles}‏</numerusform>
    <numerusform>تعود اثنتان كما كانتا حينها: {titles}‏</numerusform>
    <numerusform>تعود {n} كما كانت حينها: {titles}‏</numerusform>
    <numerusform>تعود {n} كما كانت حينها: {titles}‏</numerusform>
    <numerusform>تعود {n} كما كانت حينها: {titles}‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations will be restored: {titles}</source>
   <translation>
    <numerusform>لا محادثات تعود: {titles}‏</numerusform>
    <numerusform>تعود محادثة واحدة: {titles}‏</numerusform>
    <numerusform>تعود محادثتان: {titles}‏</numerusform>
    <numerusform>تعود {n} محادثات: {titles}‏</numerusform>
    <numerusform>تعود {n} محادثة: {titles}‏</numerusform>
    <numerusform>تعود {n} محادثة: {titles}‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations, {size}</source>
   <translation>
    <numerusform>لا محادثات، {size}‏</numerusform>
    <numerusform>محادثة واحدة، {size}‏</numerusform>
    <numerusform>محادثتان، {size}‏</numerusform>
    <numerusform>‏{n} محادثات، {size}‏</numerusform>
    <numerusform>‏{n} محادثة، {size}‏</numerusform>
    <numerusform>‏{n} محادثة، {size}‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} days (from settings)</source>
   <translation>
    <numerusform>لا يوم، كما في الإعدادات</numerusform>
    <numerusform>يوم واحد، كما في الإعدادات</numerusform>
    <numerusform>يومان، كما في الإعدادات</numerusform>
    <numerusform>{n} أيام، كما في الإعدادات</numerusform>
    <numerusform>{n} يومًا، كما في الإعدادات</numerusform>
    <numerusform>{n} يوم، كما في الإعدادات</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} differences</source>
   <translation>
    <numerusform>لا اختلافات</numerusform>
    <numerusform>اختلاف واحد</numerusform>
    <numerusform>اختلافان</numerusform>
    <numerusform>‏{n} اختلافات</numerusform>
    <numerusform>‏{n} اختلافًا</numerusform>
    <numerusform>‏{n} اختلاف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} different calls</source>
   <translation>
    <numerusform>{n} استدعاء</numerusform>
    <numerusform>استدعاء واحد</numerusform>
    <numerusform>استدعاءان مختلفان</numerusform>
    <numerusform>{n} استدعاءات مختلفة</numerusform>
    <numerusform>{n} استدعاءً مختلفًا</numerusform>
    <numerusform>{n} استدعاء مختلف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} earlier attempts</source>
   <translation>
    <numerusform>بلا محاولات قبله</numerusform>
    <numerusform>محاولة واحدة قبله</numerusform>
    <numerusform>محاولتان قبله</numerusform>
    <numerusform>{n} محاولات قبله</numerusform>
    <numerusform>{n} محاولة قبله</numerusform>
    <numerusform>{n} محاولة قبله</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} earlier messages were sent too.</source>
   <translation>
    <numerusform>لم تُرسل معه رسائل سابقة.</numerusform>
    <numerusform>أُرسلت معه رسالة سابقة واحدة أيضًا.</numerusform>
    <numerusform>أُرسلت معه رسالتان سابقتان أيضًا.</numerusform>
    <numerusform>أُرسلت معه {n} رسائل سابقة أيضًا.</numerusform>
    <numerusform>أُرسلت معه {n} رسالة سابقة أيضًا.</numerusform>
    <numerusform>أُرسلت معه {n} رسالة سابقة أيضًا.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} errors</source>
   <translation>
    <numerusform>لا أخطاء</numerusform>
    <numerusform>خطأ واحد</numerusform>
    <numerusform>خطآن</numerusform>
    <numerusform>{n} أخطاء</numerusform>
    <numerusform>{n} خطأً</numerusform>
    <numerusform>{n} خطأ</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} files</source>
   <translation>
    <numerusform>{n} ملف</numerusform>
    <numerusform>ملف واحد</numerusform>
    <numerusform>ملفين</numerusform>
    <numerusform>{n} ملفات</numerusform>
    <numerusform>{n} ملفًا</numerusform>
    <numerusform>{n} ملف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} formulas and code blocks were not drawn because they would have taken too long.</source>
   <translation>
    <numerusform>لم يبقَ شيء بلا رسم.</numerusform>
    <numerusform>صيغة أو كتلة شيفرة واحدة لم تُرسم: كان ذلك سيطول.</numerusform>
    <numerusform>صيغتان أو كتلتا شيفرة لم تُرسما: كان ذلك سيطول.</numerusform>
    <numerusform>{n} صيغ وكتل شيفرة لم تُرسم: كان ذلك سيطول.</numerusform>
    <numerusform>{n} صيغة وكتلة شيفرة لم تُرسم: كان ذلك سيطول.</numerusform>
    <numerusform>{n} صيغة وكتلة شيفرة لم تُرسم: كان ذلك سيطول.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} hits</source>
   <translation>
    <numerusform>لا نتائج</numerusform>
    <numerusform>نتيجة واحدة</numerusform>
    <numerusform>نتيجتان</numerusform>
    <numerusform>‏{n} نتائج</numerusform>
    <numerusform>‏{n} نتيجة</numerusform>
    <numerusform>‏{n} نتيجة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} hours</source>
   <translation>
    <numerusform>صفر ساعة</numerusform>
    <numerusform>ساعة واحدة</numerusform>
    <numerusform>ساعتين</numerusform>
    <numerusform>{n} ساعات</numerusform>
    <numerusform>{n} ساعة</numerusform>
    <numerusform>{n} ساعة</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} in some responses, dotted</source>
   <translation>‏{n} يقولها بعضها، منقّطة</translation>
  </message>
  <message numerus="yes">
   <source>{n} in the trash</source>
   <translation>
    <numerusform>لا شيء في سلة المهملات</numerusform>
    <numerusform>واحدة في سلة المهملات</numerusform>
    <numerusform>اثنتان في سلة المهملات</numerusform>
    <numerusform>‏{n} في سلة المهملات</numerusform>
    <numerusform>‏{n} في سلة المهملات</numerusform>
    <numerusform>‏{n} في سلة المهملات</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} incomplete responses are not counted.</source>
   <translation>
    <numerusform>لم تُترك أي إجابة.</numerusform>
    <numerusform>تُركت إجابة واحدة غير مكتملة.</numerusform>
    <numerusform>تُركت إجابتان غير مكتملتين.</numerusform>
    <numerusform>تُركت {n} إجابات غير مكتملة.</numerusform>
    <numerusform>تُركت {n} إجابة غير مكتملة.</numerusform>
    <numerusform>تُركت {n} إجابة غير مكتملة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} interrupted responses are too large for the search index: they are saved, but their text cannot be searched.</source>
   <translation>
    <numerusform>لا إجابات منقطعة أكبر من أن يُبحث فيها.</numerusform>
    <numerusform>إجابة منقطعة أكبر من أن يُبحث فيها: هي محفوظة، لكنها لا تُوجد بكلماتها.</numerusform>
    <numerusform>إجابتان منقطعتان أكبر من أن يُبحث فيهما: هما محفوظتان، لكنهما لا توجدان بكلماتهما.</numerusform>
    <numerusform>{n} إجابات منقطعة أكبر من أن يُبحث فيها: هي محفوظة، لكنها لا تُوجد بكلماتها.</numerusform>
    <numerusform>{n} إجابة منقطعة أكبر من أن يُبحث فيها: هي محفوظة، لكنها لا تُوجد بكلماتها.</numerusform>
    <numerusform>{n} إجابة منقطعة أكبر من أن يُبحث فيها: هي محفوظة، لكنها لا تُوجد بكلماتها.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} judge calls</source>
   <translation>
    <numerusform>لا استدعاءات للحكّام</numerusform>
    <numerusform>استدعاء واحد للحكّام</numerusform>
    <numerusform>استدعاءان للحكّام</numerusform>
    <numerusform>{n} استدعاءات للحكّام</numerusform>
    <numerusform>{n} استدعاءً للحكّام</numerusform>
    <numerusform>{n} استدعاء للحكّام</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} kB</source>
   <translation>{n} ك.ب</translation>
  </message>
  <message numerus="yes">
   <source>{n} lines</source>
   <translation>
    <numerusform>بلا أسطر</numerusform>
    <numerusform>سطر واحد</numerusform>
    <numerusform>سطران</numerusform>
    <numerusform>‏{n} أسطر</numerusform>
    <numerusform>‏{n} سطرًا</numerusform>
    <numerusform>‏{n} سطر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} lines in {name} could not be read.</source>
   <translation>
    <numerusform>لا أسطر غير مقروءة في {name}.</numerusform>
    <numerusform>تتعذّر قراءة سطر واحد من {name}.</numerusform>
    <numerusform>تتعذّر قراءة سطرين من {name}.</numerusform>
    <numerusform>تتعذّر قراءة {n} أسطر من {name}.</numerusform>
    <numerusform>تتعذّر قراءة {n} سطرًا من {name}.</numerusform>
    <numerusform>تتعذّر قراءة {n} سطر من {name}.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} messages</source>
   <translation>
    <numerusform>لا رسائل</numerusform>
    <numerusform>رسالة واحدة</numerusform>
    <numerusform>رسالتان</numerusform>
    <numerusform>‏{n} رسائل</numerusform>
    <numerusform>‏{n} رسالة</numerusform>
    <numerusform>‏{n} رسالة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} messages follow version {version}</source>
   <translation>
    <numerusform>لا رسائل بعد النسخة {version}</numerusform>
    <numerusform>رسالة واحدة بعد النسخة {version}</numerusform>
    <numerusform>رسالتان بعد النسخة {version}</numerusform>
    <numerusform>{n} رسائل بعد النسخة {version}</numerusform>
    <numerusform>{n} رسالة بعد النسخة {version}</numerusform>
    <numerusform>{n} رسالة بعد النسخة {version}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} messages were deleted.</source>
   <translation>
    <numerusform>حُذفت منه {n} رسالة.</numerusform>
    <numerusform>حُذفت منه رسالة واحدة.</numerusform>
    <numerusform>حُذفت منه رسالتان.</numerusform>
    <numerusform>حُذفت منه {n} رسائل.</numerusform>
    <numerusform>حُذفت منه {n} رسالة.</numerusform>
    <numerusform>حُذفت منه {n} رسالة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} minutes</source>
   <translation>
    <numerusform>صفر دقيقة</numerusform>
    <numerusform>دقيقة واحدة</numerusform>
    <numerusform>دقيقتين</numerusform>
    <numerusform>{n} دقائق</numerusform>
    <numerusform>{n} دقيقة</numerusform>
    <numerusform>{n} دقيقة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} models</source>
   <translation>
    <numerusform>لا نماذج معروفة</numerusform>
    <numerusform>نموذج واحد معروف</numerusform>
    <numerusform>نموذجان معروفان</numerusform>
    <numerusform>‏{n} نماذج معروفة</numerusform>
    <numerusform>‏{n} نموذجًا معروفًا</numerusform>
    <numerusform>‏{n} نموذج معروف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} models agree on all fields.</source>
   <translation>
    <numerusform>لا نموذج يتفق في كل الحقول ({n}).</numerusform>
    <numerusform>يتفق نموذج واحد في كل الحقول.</numerusform>
    <numerusform>يتفق نموذجان في كل الحقول.</numerusform>
    <numerusform>تتفق {n} نماذج في كل الحقول.</numerusform>
    <numerusform>يتفق {n} نموذجًا في كل الحقول.</numerusform>
    <numerusform>يتفق {n} نموذج في كل الحقول.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} models agree on {same} of {all} fields.</source>
   <translation>
    <numerusform>يتفق {n} نموذج في {same} من {all} حقول.</numerusform>
    <numerusform>يتفق نموذج واحد في {same} من {all} حقول.</numerusform>
    <numerusform>يتفق نموذجان في {same} من {all} حقول.</numerusform>
    <numerusform>تتفق {n} نماذج في {same} من {all} حقول.</numerusform>
    <numerusform>يتفق {n} نموذجًا في {same} من {all} حقول.</numerusform>
    <numerusform>يتفق {n} نموذج في {same} من {all} حقول.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} models from “{name}” were added.</source>
   <translation>
    <numerusform>لم يُضف أي نموذج من «{name}».</numerusform>
    <numerusform>أُضيف نموذج واحد من «{name}».</numerusform>
    <numerusform>أُضيف نموذجان من «{name}».</numerusform>
    <numerusform>أُضيفت {n} نماذج من «{name}».</numerusform>
    <numerusform>أُضيف {n} نموذجًا من «{name}».</numerusform>
    <numerusform>أُضيف {n} نموذج من «{name}».</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} models in random order: the names are revealed after your vote.</source>
   <translation>
    <numerusform>بلا نماذج: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
    <numerusform>نموذج واحد: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
    <numerusform>نموذجان مخلوطان: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
    <numerusform>{n} نماذج مخلوطة: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
    <numerusform>{n} نموذجًا مخلوطًا: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
    <numerusform>{n} نموذج مخلوط: يُكشف صاحب كل إجابة بعد صوتك.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} more calls</source>
   <translation>
    <numerusform>{n} استدعاء آخر</numerusform>
    <numerusform>استدعاء واحد آخر</numerusform>
    <numerusform>استدعاءان آخران</numerusform>
    <numerusform>{n} استدعاءات أخرى</numerusform>
    <numerusform>{n} استدعاءً آخر</numerusform>
    <numerusform>{n} استدعاء آخر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} more graders are only shown in “Edit as text…”.</source>
   <translation>
    <numerusform>لا مقيّمات أخرى في النص.</numerusform>
    <numerusform>يوجد مقيّم آخر في النص.</numerusform>
    <numerusform>يوجد مقيّمان آخران في النص.</numerusform>
    <numerusform>توجد {n} مقيّمات أخرى في النص.</numerusform>
    <numerusform>يوجد {n} مقيّمًا آخر في النص.</numerusform>
    <numerusform>يوجد {n} مقيّم آخر في النص.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} more lines were left out.</source>
   <translation>
    <numerusform>لا أسطر أخرى متروكة.</numerusform>
    <numerusform>تُرك سطر واحد آخر.</numerusform>
    <numerusform>تُرك سطران آخران.</numerusform>
    <numerusform>تُركت {n} أسطر أخرى.</numerusform>
    <numerusform>تُرك {n} سطرًا آخر.</numerusform>
    <numerusform>تُرك {n} سطر آخر.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} more models are only in the table.</source>
   <translation>
    <numerusform>لا نماذج أخرى.</numerusform>
    <numerusform>نموذج آخر في الجدول فقط.</numerusform>
    <numerusform>نموذجان آخران في الجدول فقط.</numerusform>
    <numerusform>{n} نماذج أخرى في الجدول فقط.</numerusform>
    <numerusform>{n} نموذجًا آخر في الجدول فقط.</numerusform>
    <numerusform>{n} نموذج آخر في الجدول فقط.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} more models differ</source>
   <translation>
    <numerusform>{n} نموذج آخر مختلف</numerusform>
    <numerusform>نموذج واحد آخر مختلف</numerusform>
    <numerusform>نموذجان آخران مختلفان</numerusform>
    <numerusform>{n} نماذج أخرى مختلفة</numerusform>
    <numerusform>{n} نموذجًا آخر مختلفًا</numerusform>
    <numerusform>{n} نموذج آخر مختلف</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} ms</source>
   <translation>{n} ms</translation>
  </message>
  <message numerus="yes">
   <source>{n} new</source>
   <translation>
    <numerusform>لا جديد</numerusform>
    <numerusform>واحدة جديدة</numerusform>
    <numerusform>اثنتان جديدتان</numerusform>
    <numerusform>‏{n} جديدة</numerusform>
    <numerusform>‏{n} جديدة</numerusform>
    <numerusform>‏{n} جديدة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} newer conversations will be removed: {titles}</source>
   <translation>
    <numerusform>لن يُفقد شيء: {titles}‏</numerusform>
    <numerusform>تُفقد واحدة لأنها أحدث: {titles}‏</numerusform>
    <numerusform>تُفقد اثنتان لأنهما أحدث: {titles}‏</numerusform>
    <numerusform>تُفقد {n} لأنها أحدث: {titles}‏</numerusform>
    <numerusform>تُفقد {n} لأنها أحدث: {titles}‏</numerusform>
    <numerusform>تُفقد {n} لأنها أحدث: {titles}‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} of them were blind.</source>
   <translation>
    <numerusform>لم يكن أيٌّ منها أعمى.</numerusform>
    <numerusform>واحد منها كان أعمى.</numerusform>
    <numerusform>اثنان منها كانا أعميين.</numerusform>
    <numerusform>{n} منها كانت عمياء.</numerusform>
    <numerusform>{n} منها كانت عمياء.</numerusform>
    <numerusform>{n} منها كانت عمياء.</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} of {all} passed</source>
   <translation>نجح {n} من {all}</translation>
  </message>
  <message>
   <source>{n} of {total} fields are as expected: {slips}.</source>
   <translation>{n} من {total} حقول كما هو متوقع: {slips}.</translation>
  </message>
  <message numerus="yes">
   <source>{n} pages</source>
   <translation>
    <numerusform>{n} صفحة</numerusform>
    <numerusform>صفحة واحدة</numerusform>
    <numerusform>صفحتان</numerusform>
    <numerusform>{n} صفحات</numerusform>
    <numerusform>{n} صفحة</numerusform>
    <numerusform>{n} صفحة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} pairs are left to review.</source>
   <translation>
    <numerusform>لم تبقَ أزواج للمراجعة.</numerusform>
    <numerusform>بقي زوج واحد للمراجعة.</numerusform>
    <numerusform>بقي زوجان للمراجعة.</numerusform>
    <numerusform>بقيت {n} أزواج للمراجعة.</numerusform>
    <numerusform>بقي {n} زوجًا للمراجعة.</numerusform>
    <numerusform>بقي {n} زوج للمراجعة.</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} pairs of models differ no more than responses of one model do.</source>
   <translation>‏{n} من أزواج النماذج لا تختلف أكثر مما تختلف إجابات نموذج واحد.</translation>
  </message>
  <message numerus="yes">
   <source>{n} pairs of responses</source>
   <translation>
    <numerusform>لا أزواج من الإجابات</numerusform>
    <numerusform>زوج واحد من الإجابات</numerusform>
    <numerusform>زوجان من الإجابات</numerusform>
    <numerusform>{n} أزواج من الإجابات</numerusform>
    <numerusform>{n} زوجًا من الإجابات</numerusform>
    <numerusform>{n} زوج من الإجابات</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} pairs reviewed</source>
   <translation>
    <numerusform>لم يُراجع أي زوج</numerusform>
    <numerusform>رُوجع زوج واحد</numerusform>
    <numerusform>رُوجع زوجان</numerusform>
    <numerusform>رُوجعت {n} أزواج</numerusform>
    <numerusform>رُوجع {n} زوجًا</numerusform>
    <numerusform>رُوجع {n} زوج</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} pairs were ties.</source>
   <translation>
    <numerusform>لم يتعادل أي زوج.</numerusform>
    <numerusform>تعادل زوج واحد.</numerusform>
    <numerusform>تعادل زوجان.</numerusform>
    <numerusform>تعادلت {n} أزواج.</numerusform>
    <numerusform>تعادل {n} زوجًا.</numerusform>
    <numerusform>تعادل {n} زوج.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} panes hidden</source>
   <translation>
    <numerusform>لا لوحات مخفية</numerusform>
    <numerusform>لوحة واحدة مخفية</numerusform>
    <numerusform>لوحتان مخفيتان</numerusform>
    <numerusform>{n} لوحات مخفية</numerusform>
    <numerusform>{n} لوحة مخفية</numerusform>
    <numerusform>{n} لوحة مخفية</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} panes: {sentence}</source>
   <translation>
    <numerusform>لا لوحات: {sentence}</numerusform>
    <numerusform>لوحة واحدة: {sentence}</numerusform>
    <numerusform>لوحتان: {sentence}</numerusform>
    <numerusform>{n} لوحات: {sentence}</numerusform>
    <numerusform>{n} لوحة: {sentence}</numerusform>
    <numerusform>{n} لوحة: {sentence}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} parameters</source>
   <translation>
    <numerusform>لا معاملات</numerusform>
    <numerusform>معامل واحد</numerusform>
    <numerusform>معاملان</numerusform>
    <numerusform>‏{n} معاملات</numerusform>
    <numerusform>‏{n} معاملًا</numerusform>
    <numerusform>‏{n} معامل</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} parts of this comparison were left out because this version of Paragone cannot read them.</source>
   <translation>
    <numerusform>تُقرأ كل أجزاء هذه المقارنة.</numerusform>
    <numerusform>تعذّرت على هذا الإصدار قراءة جزء واحد من هذه المقارنة، فتُرك.</numerusform>
    <numerusform>تعذّرت على هذا الإصدار قراءة جزأين من هذه المقارنة، فتُركا.</numerusform>
    <numerusform>تعذّرت على هذا الإصدار قراءة {n} أجزاء من هذه المقارنة، فتُركت.</numerusform>
    <numerusform>تعذّرت على هذا الإصدار قراءة {n} جزءًا من هذه المقارنة، فتُركت.</numerusform>
    <numerusform>تعذّرت على هذا الإصدار قراءة {n} جزء من هذه المقارنة، فتُركت.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} presets added.</source>
   <translation>
    <numerusform>لم يُضَف أي إعداد مسبق.</numerusform>
    <numerusform>أُضيف إعداد مسبق واحد.</numerusform>
    <numerusform>أُضيف إعدادان مسبقان.</numerusform>
    <numerusform>أُضيفت {n} إعدادات مسبقة.</numerusform>
    <numerusform>أُضيف {n} إعدادًا مسبقًا.</numerusform>
    <numerusform>أُضيف {n} إعداد مسبق.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} presets saved to {file}.</source>
   <translation>
    <numerusform>لم يُكتب أي إعداد مسبق في ‎{file}‎.</numerusform>
    <numerusform>كُتب إعداد مسبق واحد في ‎{file}‎.</numerusform>
    <numerusform>كُتب إعدادان مسبقان في ‎{file}‎.</numerusform>
    <numerusform>كُتبت {n} إعدادات مسبقة في ‎{file}‎.</numerusform>
    <numerusform>كُتب {n} إعدادًا مسبقًا في ‎{file}‎.</numerusform>
    <numerusform>كُتب {n} إعداد مسبق في ‎{file}‎.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} prompts queued</source>
   <translation>
    <numerusform>لا موجّهات تنتظر</numerusform>
    <numerusform>موجّه واحد ينتظر</numerusform>
    <numerusform>موجّهان ينتظران</numerusform>
    <numerusform>‏{n} موجّهات تنتظر</numerusform>
    <numerusform>‏{n} موجّهًا ينتظر</numerusform>
    <numerusform>‏{n} موجّه ينتظر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} prompts were not sent and are back in the prompt field</source>
   <translation>
    <numerusform>لم يُرسل {n} موجّه وعاد</numerusform>
    <numerusform>لم يُرسل موجّه واحد وعاد</numerusform>
    <numerusform>لم يُرسل موجّهان وعادا</numerusform>
    <numerusform>لم تُرسل {n} موجّهات وعادت</numerusform>
    <numerusform>لم يُرسل {n} موجّهًا وعاد</numerusform>
    <numerusform>لم يُرسل {n} موجّه وعاد</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} questions from tool servers</source>
   <translation>
    <numerusform>{n} سؤال من خوادم الأدوات</numerusform>
    <numerusform>سؤال واحد من خادم أدوات</numerusform>
    <numerusform>سؤالان من خوادم الأدوات</numerusform>
    <numerusform>{n} أسئلة من خوادم الأدوات</numerusform>
    <numerusform>{n} سؤالًا من خوادم الأدوات</numerusform>
    <numerusform>{n} سؤال من خوادم الأدوات</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} repeats</source>
   <translation>
    <numerusform>بلا تكرار</numerusform>
    <numerusform>تكرار واحد</numerusform>
    <numerusform>تكراران</numerusform>
    <numerusform>{n} تكرارات</numerusform>
    <numerusform>{n} تكرارًا</numerusform>
    <numerusform>{n} تكرار</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} replays in progress</source>
   <translation>
    <numerusform>لا إعادة تشغيل جارية</numerusform>
    <numerusform>إعادة تشغيل واحدة جارية</numerusform>
    <numerusform>عمليتا إعادة تشغيل جاريتان</numerusform>
    <numerusform>{n} عمليات إعادة تشغيل جارية</numerusform>
    <numerusform>{n} عملية إعادة تشغيل جارية</numerusform>
    <numerusform>{n} عملية إعادة تشغيل جارية</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} requests failed and are not compared ({reasons}).</source>
   <translation>
    <numerusform>لم يفشل أي طلب ({reasons}).</numerusform>
    <numerusform>فشل طلب واحد، ولا يدخل في المقارنة ({reasons}).</numerusform>
    <numerusform>فشل طلبان، ولا يدخلان في المقارنة ({reasons}).</numerusform>
    <numerusform>فشلت {n} طلبات، ولا تدخل في المقارنة ({reasons}).</numerusform>
    <numerusform>فشل {n} طلبًا، ولا تدخل في المقارنة ({reasons}).</numerusform>
    <numerusform>فشل {n} طلب، ولا تدخل في المقارنة ({reasons}).</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} requests were rebuilt from the conversation because no receipt exists.</source>
   <translation>
    <numerusform>لم يُعَد بناء أي طلب من المحادثة.</numerusform>
    <numerusform>أُعيد بناء طلب واحد من المحادثة لعدم وجود إيصال.</numerusform>
    <numerusform>أُعيد بناء طلبين من المحادثة لعدم وجود إيصال.</numerusform>
    <numerusform>أُعيد بناء {n} طلبات من المحادثة لعدم وجود إيصال.</numerusform>
    <numerusform>أُعيد بناء {n} طلبًا من المحادثة لعدم وجود إيصال.</numerusform>
    <numerusform>أُعيد بناء {n} طلب من المحادثة لعدم وجود إيصال.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} requests without a receipt were rebuilt from the conversation and may differ from what was sent then.</source>
   <translation>
    <numerusform>لم يُعَد بناء أي طلب من المحادثة.</numerusform>
    <numerusform>أُعيد بناء طلب واحد بلا إيصال من المحادثة، وقد يختلف عما أُرسل حينها.</numerusform>
    <numerusform>أُعيد بناء طلبين بلا إيصال من المحادثة، وقد يختلفان عما أُرسل حينها.</numerusform>
    <numerusform>أُعيد بناء {n} طلبات بلا إيصال من المحادثة، وقد تختلف عما أُرسل حينها.</numerusform>
    <numerusform>أُعيد بناء {n} طلبًا بلا إيصال من المحادثة، وقد تختلف عما أُرسل حينها.</numerusform>
    <numerusform>أُعيد بناء {n} طلب بلا إيصال من المحادثة، وقد تختلف عما أُرسل حينها.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses</source>
   <translation>
    <numerusform>لا إجابات</numerusform>
    <numerusform>إجابة واحدة</numerusform>
    <numerusform>إجابتان</numerusform>
    <numerusform>‏{n} إجابات</numerusform>
    <numerusform>‏{n} إجابة</numerusform>
    <numerusform>‏{n} إجابة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses are beyond the scale and shown at its end.</source>
   <translation>
    <numerusform>لا إجابات خارج المقياس.</numerusform>
    <numerusform>إجابة واحدة خارج المقياس تظهر عند نهايته.</numerusform>
    <numerusform>إجابتان خارج المقياس تظهران عند نهايته.</numerusform>
    <numerusform>{n} إجابات خارج المقياس تظهر عند نهايته.</numerusform>
    <numerusform>{n} إجابة خارج المقياس تظهر عند نهايته.</numerusform>
    <numerusform>{n} إجابة خارج المقياس تظهر عند نهايته.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses are still in progress</source>
   <translation>
    <numerusform>لا إجابات ما زالت تصل</numerusform>
    <numerusform>ما زالت إجابة واحدة تصل</numerusform>
    <numerusform>ما زالت إجابتان تصلان</numerusform>
    <numerusform>ما زالت {n} إجابات تصل</numerusform>
    <numerusform>ما زالت {n} إجابة تصل</numerusform>
    <numerusform>ما زالت {n} إجابة تصل</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses are still in progress.</source>
   <translation>
    <numerusform>لا إجابة تُكتب الآن.</numerusform>
    <numerusform>ما زالت إجابة واحدة تُكتب.</numerusform>
    <numerusform>ما زالت إجابتان تُكتبان.</numerusform>
    <numerusform>ما زالت {n} إجابات تُكتب.</numerusform>
    <numerusform>ما زالت {n} إجابة تُكتب.</numerusform>
    <numerusform>ما زالت {n} إجابة تُكتب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses failed (error). They are counted separately, not as failed grades, and excluded from scores.</source>
   <translation>
    <numerusform>لم تبقَ أي إجابة بلا نتيجة.</numerusform>
    <numerusform>لم تُسفر إجابة واحدة عن شيء. تُحصى على حدة، لا كفشل أبدًا، ولا تدخل في الدرجات.</numerusform>
    <numerusform>لم تُسفر إجابتان عن شيء. تُحصيان على حدة، لا كفشل أبدًا، ولا تدخلان في الدرجات.</numerusform>
    <numerusform>لم تُسفر {n} إجابات عن شيء. تُحصى على حدة، لا كفشل أبدًا، ولا تدخل في الدرجات.</numerusform>
    <numerusform>لم تُسفر {n} إجابة عن شيء. تُحصى على حدة، لا كفشل أبدًا، ولا تدخل في الدرجات.</numerusform>
    <numerusform>لم تُسفر {n} إجابة عن شيء. تُحصى على حدة، لا كفشل أبدًا، ولا تدخل في الدرجات.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses failed, one of them with: {reason}</source>
   <translation>
    <numerusform>لم تفشل أي إجابة: {reason}</numerusform>
    <numerusform>فشلت إجابة واحدة: {reason}</numerusform>
    <numerusform>فشلت إجابتان، إحداهما بسبب: {reason}</numerusform>
    <numerusform>فشلت {n} إجابات، إحداها بسبب: {reason}</numerusform>
    <numerusform>فشلت {n} إجابة، إحداها بسبب: {reason}</numerusform>
    <numerusform>فشلت {n} إجابة، إحداها بسبب: {reason}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses finished</source>
   <translation>
    <numerusform>لم تنتهِ أي إجابة</numerusform>
    <numerusform>انتهت إجابة واحدة</numerusform>
    <numerusform>انتهت إجابتان</numerusform>
    <numerusform>انتهت {n} إجابات</numerusform>
    <numerusform>انتهت {n} إجابة</numerusform>
    <numerusform>انتهت {n} إجابة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses have no grade and are excluded from scores.</source>
   <translation>
    <numerusform>لا إجابة بلا تقييم.</numerusform>
    <numerusform>إجابة واحدة بلا تقييم ولا تدخل في الدرجات.</numerusform>
    <numerusform>إجابتان بلا تقييم ولا تدخلان في الدرجات.</numerusform>
    <numerusform>{n} إجابات بلا تقييم ولا تدخل في الدرجات.</numerusform>
    <numerusform>{n} إجابة بلا تقييم ولا تدخل في الدرجات.</numerusform>
    <numerusform>{n} إجابة بلا تقييم ولا تدخل في الدرجات.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses violate the schema.</source>
   <translation>
    <numerusform>لا إجابة تخالف المخطط ({n}).</numerusform>
    <numerusform>إجابة واحدة تخالف المخطط.</numerusform>
    <numerusform>إجابتان تخالفان المخطط.</numerusform>
    <numerusform>{n} إجابات تخالف المخطط.</numerusform>
    <numerusform>{n} إجابة تخالف المخطط.</numerusform>
    <numerusform>{n} إجابة تخالف المخطط.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses were interrupted when Paragone last closed. The partial responses are saved.</source>
   <translation>
    <numerusform>لم تُقطع أي إجابة عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
    <numerusform>قُطعت إجابة واحدة عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
    <numerusform>قُطعت إجابتان عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
    <numerusform>قُطعت {n} إجابات عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
    <numerusform>قُطعت {n} إجابة عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
    <numerusform>قُطعت {n} إجابة عند آخر انتهاء لـ Paragone. حُفظ ما وصل.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} responses: {models}</source>
   <translation>
    <numerusform>لا إجابات: {models}‏</numerusform>
    <numerusform>إجابة واحدة: {models}‏</numerusform>
    <numerusform>إجابتان: {models}‏</numerusform>
    <numerusform>‏{n} إجابات: {models}‏</numerusform>
    <numerusform>‏{n} إجابة: {models}‏</numerusform>
    <numerusform>‏{n} إجابة: {models}‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} rows</source>
   <translation>
    <numerusform>بلا صفوف</numerusform>
    <numerusform>صف واحد</numerusform>
    <numerusform>صفان</numerusform>
    <numerusform>‏{n} صفوف</numerusform>
    <numerusform>‏{n} صفًا</numerusform>
    <numerusform>‏{n} صف</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} rows in the backup are damaged; the rest can be restored.</source>
   <translation>
    <numerusform>إنها تالفة، لكن يمكن قراءة كل ما فيها.</numerusform>
    <numerusform>إنها تالفة: لا يمكن قراءة صف واحد منها، ويمكن قراءة الباقي.</numerusform>
    <numerusform>إنها تالفة: لا يمكن قراءة صفين منها، ويمكن قراءة الباقي.</numerusform>
    <numerusform>إنها تالفة: لا يمكن قراءة {n} صفوف منها، ويمكن قراءة الباقي.</numerusform>
    <numerusform>إنها تالفة: لا يمكن قراءة {n} صفًا منها، ويمكن قراءة الباقي.</numerusform>
    <numerusform>إنها تالفة: لا يمكن قراءة {n} صف منها، ويمكن قراءة الباقي.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} runs in progress</source>
   <translation>
    <numerusform>لا تشغيل جارٍ</numerusform>
    <numerusform>تشغيل واحد جارٍ</numerusform>
    <numerusform>تشغيلان جاريان</numerusform>
    <numerusform>{n} عمليات تشغيل جارية</numerusform>
    <numerusform>{n} عملية تشغيل جارية</numerusform>
    <numerusform>{n} عملية تشغيل جارية</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} s</source>
   <translation>{n} ث</translation>
  </message>
  <message numerus="yes">
   <source>{n} seconds</source>
   <translation>
    <numerusform>صفر ثانية</numerusform>
    <numerusform>ثانية واحدة</numerusform>
    <numerusform>ثانيتين</numerusform>
    <numerusform>{n} ثوانٍ</numerusform>
    <numerusform>{n} ثانية</numerusform>
    <numerusform>{n} ثانية</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} selected</source>
   <translation>
    <numerusform>المحادثات المختارة</numerusform>
    <numerusform>المحادثة المختارة</numerusform>
    <numerusform>المحادثتان المختارتان</numerusform>
    <numerusform>المحادثات المختارة ({n})‏</numerusform>
    <numerusform>المحادثات المختارة ({n})‏</numerusform>
    <numerusform>المحادثات المختارة ({n})‏</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} sentences in all responses</source>
   <translation>
    <numerusform>لا جملة يقولها الجميع</numerusform>
    <numerusform>جملة واحدة يقولها الجميع</numerusform>
    <numerusform>جملتان يقولهما الجميع</numerusform>
    <numerusform>{n} جمل يقولها الجميع</numerusform>
    <numerusform>{n} جملة يقولها الجميع</numerusform>
    <numerusform>{n} جملة يقولها الجميع</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} sentences in all responses, underlined</source>
   <translation>
    <numerusform>لا جمل تقولها كلها، مسطّرة</numerusform>
    <numerusform>جملة واحدة تقولها كلها، مسطّرة</numerusform>
    <numerusform>جملتان تقولهما كلها، مسطّرتان</numerusform>
    <numerusform>‏{n} جمل تقولها كلها، مسطّرة</numerusform>
    <numerusform>‏{n} جملة تقولها كلها، مسطّرة</numerusform>
    <numerusform>‏{n} جملة تقولها كلها، مسطّرة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} sentences in only one response</source>
   <translation>
    <numerusform>لا جملة يقولها واحد فقط</numerusform>
    <numerusform>جملة واحدة يقولها واحد فقط</numerusform>
    <numerusform>جملتان يقولهما واحد فقط</numerusform>
    <numerusform>{n} جمل يقولها واحد فقط</numerusform>
    <numerusform>{n} جملة يقولها واحد فقط</numerusform>
    <numerusform>{n} جملة يقولها واحد فقط</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tokens</source>
   <translation>
    <numerusform>لا رموز</numerusform>
    <numerusform>رمز واحد</numerusform>
    <numerusform>رمزان</numerusform>
    <numerusform>‏{n} رموز</numerusform>
    <numerusform>‏{n} رمزًا</numerusform>
    <numerusform>‏{n} رمز</numerusform>
   </translation>
  </message>
  <message>
   <source>{n} tool calls and questions wait for your answer</source>
   <translation>{n} من استدعاءات الأدوات والأسئلة في انتظار ردك</translation>
  </message>
  <message numerus="yes">
   <source>{n} tool calls wait for your answer</source>
   <translation>
    <numerusform>{n} استدعاء أداة في انتظار ردك</numerusform>
    <numerusform>استدعاء أداة واحد في انتظار ردك</numerusform>
    <numerusform>استدعاءا أداة في انتظار ردك</numerusform>
    <numerusform>{n} استدعاءات أدوات في انتظار ردك</numerusform>
    <numerusform>{n} استدعاء أداة في انتظار ردك</numerusform>
    <numerusform>{n} استدعاء أداة في انتظار ردك</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tool calls were denied, because the tools were not allowed.</source>
   <translation>
    <numerusform>لم يُمنع أي استدعاء أداة ({n}).</numerusform>
    <numerusform>مُنع استدعاء أداة واحد، لأن الأداة غير مسموح بها.</numerusform>
    <numerusform>مُنع استدعاءا أداة، لأن الأدوات غير مسموح بها.</numerusform>
    <numerusform>مُنعت {n} استدعاءات أدوات، لأن الأدوات غير مسموح بها.</numerusform>
    <numerusform>مُنع {n} استدعاء أداة، لأن الأدوات غير مسموح بها.</numerusform>
    <numerusform>مُنع {n} استدعاء أداة، لأن الأدوات غير مسموح بها.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tool calls.</source>
   <translation>
    <numerusform>{n} استدعاء أداة.</numerusform>
    <numerusform>استدعاء أداة واحد.</numerusform>
    <numerusform>استدعاءا أداة.</numerusform>
    <numerusform>{n} استدعاءات أدوات.</numerusform>
    <numerusform>{n} استدعاء أداة.</numerusform>
    <numerusform>{n} استدعاء أداة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tool servers require a sign-in</source>
   <translation>
    <numerusform>{n} خادم أدوات يطلب تسجيل الدخول</numerusform>
    <numerusform>خادم أدوات واحد يطلب تسجيل الدخول</numerusform>
    <numerusform>خادما أدوات يطلبان تسجيل الدخول</numerusform>
    <numerusform>{n} خوادم أدوات تطلب تسجيل الدخول</numerusform>
    <numerusform>{n} خادم أدوات يطلب تسجيل الدخول</numerusform>
    <numerusform>{n} خادم أدوات يطلب تسجيل الدخول</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tools</source>
   <translation>
    <numerusform>{n} أداة</numerusform>
    <numerusform>أداة واحدة</numerusform>
    <numerusform>أداتان</numerusform>
    <numerusform>{n} أدوات</numerusform>
    <numerusform>{n} أداة</numerusform>
    <numerusform>{n} أداة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} tools were listed</source>
   <translation>
    <numerusform>سُردت {n} أداة</numerusform>
    <numerusform>سُردت أداة واحدة</numerusform>
    <numerusform>سُردت أداتان</numerusform>
    <numerusform>سُردت {n} أدوات</numerusform>
    <numerusform>سُردت {n} أداة</numerusform>
    <numerusform>سُردت {n} أداة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} turns</source>
   <translation>
    <numerusform>لا أدوار</numerusform>
    <numerusform>دور واحد</numerusform>
    <numerusform>دوران</numerusform>
    <numerusform>{n} أدوار</numerusform>
    <numerusform>{n} دورًا</numerusform>
    <numerusform>{n} دور</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} unmatched calls: the earlier run has no results for these tool calls, so models got an error instead.</source>
   <translation>
    <numerusform>{n} استدعاء بلا مقابل.</numerusform>
    <numerusform>استدعاء واحد بلا مقابل: ليس للتشغيل السابق نتيجة له، فحصل النموذج على خطأ بدلًا منها.</numerusform>
    <numerusform>استدعاءان بلا مقابل: ليس للتشغيل السابق نتيجتان لهما، فحصلت النماذج على خطأ بدلًا منهما.</numerusform>
    <numerusform>{n} استدعاءات بلا مقابل: ليس للتشغيل السابق نتائج لها، فحصلت النماذج على خطأ بدلًا منها.</numerusform>
    <numerusform>{n} استدعاءً بلا مقابل: ليس للتشغيل السابق نتائج لها، فحصلت النماذج على خطأ بدلًا منها.</numerusform>
    <numerusform>{n} استدعاء بلا مقابل: ليس للتشغيل السابق نتائج لها، فحصلت النماذج على خطأ بدلًا منها.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} unreadable</source>
   <translation>
    <numerusform>كلها مقروءة</numerusform>
    <numerusform>واحدة لا يمكن قراءتها</numerusform>
    <numerusform>اثنتان لا يمكن قراءتهما</numerusform>
    <numerusform>‏{n} لا يمكن قراءتها</numerusform>
    <numerusform>‏{n} لا يمكن قراءتها</numerusform>
    <numerusform>‏{n} لا يمكن قراءتها</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} unsupported files</source>
   <translation>
    <numerusform>كل الملفات مفهومة</numerusform>
    <numerusform>ملف واحد غير مفهوم</numerusform>
    <numerusform>ملفان غير مفهومين</numerusform>
    <numerusform>‏{n} ملفات غير مفهومة</numerusform>
    <numerusform>‏{n} ملفًا غير مفهوم</numerusform>
    <numerusform>‏{n} ملف غير مفهوم</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes</source>
   <translation>
    <numerusform>لا أصوات</numerusform>
    <numerusform>صوت واحد</numerusform>
    <numerusform>صوتان</numerusform>
    <numerusform>{n} أصوات</numerusform>
    <numerusform>{n} صوتًا</numerusform>
    <numerusform>{n} صوت</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes are damaged and are not counted.</source>
   <translation>
    <numerusform>لا أصوات تالفة.</numerusform>
    <numerusform>صوت واحد تالف ولا يُحسب.</numerusform>
    <numerusform>صوتان تالفان ولا يُحسبان.</numerusform>
    <numerusform>{n} أصوات تالفة ولا تُحسب.</numerusform>
    <numerusform>{n} صوتًا تالفًا لا يُحسب.</numerusform>
    <numerusform>{n} صوت تالف لا يُحسب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes are for responses that are not shown in this report.</source>
   <translation>
    <numerusform>لا أصوات على إجابات غير معروضة هنا.</numerusform>
    <numerusform>صوت واحد على إجابات غير معروضة هنا.</numerusform>
    <numerusform>صوتان على إجابات غير معروضة هنا.</numerusform>
    <numerusform>{n} أصوات على إجابات غير معروضة هنا.</numerusform>
    <numerusform>{n} صوتًا على إجابات غير معروضة هنا.</numerusform>
    <numerusform>{n} صوت على إجابات غير معروضة هنا.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes are not counted: a response failed, was stopped or truncated, or the turn was edited.</source>
   <translation>
    <numerusform>لا صوت لا يُحسب: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
    <numerusform>صوت واحد لا يُحسب: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
    <numerusform>صوتان لا يُحسبان: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
    <numerusform>{n} أصوات لا تُحسب: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
    <numerusform>{n} صوتًا لا يُحسب: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
    <numerusform>{n} صوت لا يُحسب: فشلت إجابة أو أُوقفت أو قُطعت أو عُدّل طلبها.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes are not counted: a response names a model or its publisher.</source>
   <translation>
    <numerusform>لا صوت لا يُحسب: تذكر إجابة نموذجًا أو صانعه.</numerusform>
    <numerusform>صوت واحد لا يُحسب: تذكر إجابة نموذجًا أو صانعه.</numerusform>
    <numerusform>صوتان لا يُحسبان: تذكر إجابة نموذجًا أو صانعه.</numerusform>
    <numerusform>{n} أصوات لا تُحسب: تذكر إجابة نموذجًا أو صانعه.</numerusform>
    <numerusform>{n} صوتًا لا يُحسب: تذكر إجابة نموذجًا أو صانعه.</numerusform>
    <numerusform>{n} صوت لا يُحسب: تذكر إجابة نموذجًا أو صانعه.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes compare a model with itself and are not counted.</source>
   <translation>
    <numerusform>لا صوت يقارن نموذجًا بنفسه ولا يُحسب.</numerusform>
    <numerusform>صوت واحد يقارن نموذجًا بنفسه ولا يُحسب.</numerusform>
    <numerusform>صوتان يقارنان نموذجًا بنفسه ولا يُحسبان.</numerusform>
    <numerusform>{n} أصوات تقارن نموذجًا بنفسه ولا تُحسب.</numerusform>
    <numerusform>{n} صوتًا يقارن نموذجًا بنفسه ولا يُحسب.</numerusform>
    <numerusform>{n} صوت يقارن نموذجًا بنفسه ولا يُحسب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes could not be read.</source>
   <translation>
    <numerusform>لا أصوات تتعذر قراءتها.</numerusform>
    <numerusform>صوت واحد تتعذر قراءته.</numerusform>
    <numerusform>صوتان تتعذر قراءتهما.</numerusform>
    <numerusform>{n} أصوات تتعذر قراءتها.</numerusform>
    <numerusform>{n} صوتًا تتعذر قراءته.</numerusform>
    <numerusform>{n} صوت تتعذر قراءته.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes do not match the selected tag, judge or date.</source>
   <translation>
    <numerusform>لا صوت له وسم أو حَكَم أو وقت آخر.</numerusform>
    <numerusform>صوت واحد له وسم أو حَكَم أو وقت آخر.</numerusform>
    <numerusform>صوتان لهما وسم أو حَكَم أو وقت آخر.</numerusform>
    <numerusform>{n} أصوات لها وسم أو حَكَم أو وقت آخر.</numerusform>
    <numerusform>{n} صوتًا له وسم أو حَكَم أو وقت آخر.</numerusform>
    <numerusform>{n} صوت له وسم أو حَكَم أو وقت آخر.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes given with model names visible are not counted.</source>
   <translation>
    <numerusform>لا صوت أُعطي والأسماء ظاهرة لا يُحسب.</numerusform>
    <numerusform>صوت واحد أُعطي والأسماء ظاهرة لا يُحسب.</numerusform>
    <numerusform>صوتان أُعطيا والأسماء ظاهرة لا يُحسبان.</numerusform>
    <numerusform>{n} أصوات أُعطيت والأسماء ظاهرة لا تُحسب.</numerusform>
    <numerusform>{n} صوتًا أُعطي والأسماء ظاهرة لا يُحسب.</numerusform>
    <numerusform>{n} صوت أُعطي والأسماء ظاهرة لا يُحسب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes that do not count were not exported.</source>
   <translation>
    <numerusform>لا يحتوي على أي صوت غير محسوب.</numerusform>
    <numerusform>لا يحتوي على صوت واحد غير محسوب.</numerusform>
    <numerusform>لا يحتوي على صوتين غير محسوبين.</numerusform>
    <numerusform>لا يحتوي على {n} أصوات غير محسوبة.</numerusform>
    <numerusform>لا يحتوي على {n} صوتًا غير محسوب.</numerusform>
    <numerusform>لا يحتوي على {n} صوت غير محسوب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes were given in this comparison.</source>
   <translation>
    <numerusform>لم تُعطَ أصوات في هذه المقارنة.</numerusform>
    <numerusform>أُعطي صوت واحد في هذه المقارنة.</numerusform>
    <numerusform>أُعطي صوتان في هذه المقارنة.</numerusform>
    <numerusform>أُعطيت {n} أصوات في هذه المقارنة.</numerusform>
    <numerusform>أُعطي {n} صوتًا في هذه المقارنة.</numerusform>
    <numerusform>أُعطي {n} صوت في هذه المقارنة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} votes were given while response speed was visible.</source>
   <translation>
    <numerusform>لا صوت أُعطي والسرعة ظاهرة.</numerusform>
    <numerusform>صوت واحد أُعطي والسرعة ظاهرة.</numerusform>
    <numerusform>صوتان أُعطيا والسرعة ظاهرة.</numerusform>
    <numerusform>{n} أصوات أُعطيت والسرعة ظاهرة.</numerusform>
    <numerusform>{n} صوتًا أُعطي والسرعة ظاهرة.</numerusform>
    <numerusform>{n} صوت أُعطي والسرعة ظاهرة.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} withdrawn votes are not counted.</source>
   <translation>
    <numerusform>لا صوت سُحب ولا يُحسب.</numerusform>
    <numerusform>صوت واحد سُحب ولا يُحسب.</numerusform>
    <numerusform>صوتان سُحبا ولا يُحسبان.</numerusform>
    <numerusform>{n} أصوات سُحبت ولا تُحسب.</numerusform>
    <numerusform>{n} صوتًا سُحب ولا يُحسب.</numerusform>
    <numerusform>{n} صوت سُحب ولا يُحسب.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} without messages</source>
   <translation>
    <numerusform>لا شيء دون رسالة</numerusform>
    <numerusform>واحدة دون رسالة</numerusform>
    <numerusform>اثنتان دون رسالة</numerusform>
    <numerusform>‏{n} دون رسالة</numerusform>
    <numerusform>‏{n} دون رسالة</numerusform>
    <numerusform>‏{n} دون رسالة</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} words</source>
   <translation>
    <numerusform>لا كلمات</numerusform>
    <numerusform>كلمة واحدة</numerusform>
    <numerusform>كلمتان</numerusform>
    <numerusform>{n} كلمات</numerusform>
    <numerusform>{n} كلمة</numerusform>
    <numerusform>{n} كلمة</numerusform>
   </translation>
  </message>
  <message>
   <source>{n}%</source>
   <translation>{n} %</translation>
  </message>
  <message>
   <source>{n}.</source>
   <translation>{n}.</translation>
  </message>
  <message>
   <source>{n}: {reason}</source>
   <translation>‏{n}: {reason}</translation>
  </message>
  <message>
   <source>{outcome} in {duration}</source>
   <translation>{outcome} خلال {duration}</translation>
  </message>
  <message>
   <source>{outcome}, shared with the same call in another response</source>
   <translation>{outcome}، نتيجة الاستدعاء نفسه في إجابة أخرى</translation>
  </message>
  <message>
   <source>{p50} / {p95} ms</source>
   <translation>‏‎{p50} / {p95}‎ م.ث</translation>
  </message>
  <message>
   <source>{p50} / {p95} s</source>
   <translation>‏‎{p50} / {p95}‎ ث</translation>
  </message>
  <message>
   <source>{part} of {whole} pairs that came back with sides swapped were given the same verdict ({interval}).</source>
   <translation>من الأزواج المكررة بموضعين متبادلين (وعددها {whole}) نال {part} الحكم نفسه ({interval}).</translation>
  </message>
  <message>
   <source>{path} could not be copied completely.</source>
   <translation>تعذّر نسخ ‎{path}‎ كاملًا.</translation>
  </message>
  <message>
   <source>{path} could not be read: {reason}.</source>
   <translation>لا يمكن قراءة ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>{path} could not be written: {reason}.</source>
   <translation>لا يمكن الكتابة في ‎{path}‎: {reason}.</translation>
  </message>
  <message>
   <source>{path} is a folder.</source>
   <translation>‏‎{path}‎ مجلد.</translation>
  </message>
  <message>
   <source>{path} is damaged or was changed by another program: its text encoding is not UTF-8.</source>
   <translation>‎{path}‎ تالف، أو ليس من Paragone وحده: نصّه ليس UTF-8.</translation>
  </message>
  <message>
   <source>{path} is damaged or was changed by another program: the schema of “{name}” is unexpected.</source>
   <translation>{path} تالف أو ليس من Paragone وحده: «{name}» فيه ليس كما ينشئه Paragone.</translation>
  </message>
  <message>
   <source>{path} is damaged.</source>
   <translation>الملف {path} تالف.</translation>
  </message>
  <message>
   <source>{path} is damaged: its contents do not match its version.</source>
   <translation>{path} تالف: ليس من الإصدار المذكور فيه.</translation>
  </message>
  <message>
   <source>{path} is damaged: part of it cannot be read.</source>
   <translation>{path} تالف: فيه شيء تتعذّر قراءته.</translation>
  </message>
  <message>
   <source>{path} is encrypted with a key that is not available.</source>
   <translation>الملف ‎{path}‎ مشفّر بمفتاح غير متوفر.</translation>
  </message>
  <message>
   <source>{path} is not a backup.</source>
   <translation>الملف ‎{path}‎ ليس نسخة احتياطية.</translation>
  </message>
  <message>
   <source>{path} is not a database.</source>
   <translation>الملف ‎{path}‎ ليس قاعدة بيانات.</translation>
  </message>
  <message>
   <source>{path} is not a file.</source>
   <translation>{path} ليس ملفًا.</translation>
  </message>
  <message>
   <source>{path} is not a folder that you own.</source>
   <translation>{path} ليس مجلدًا لك.</translation>
  </message>
  <message>
   <source>{path} is not writable: nothing new is saved.</source>
   <translation>لا يمكن الكتابة في ‎{path}‎: لا يُحفظ شيء جديد.</translation>
  </message>
  <message>
   <source>{path} is the database currently in use.</source>
   <translation>{path} هي قاعدة البيانات المستخدمة.</translation>
  </message>
  <message>
   <source>{path} refers to the home folder of an unknown user.</source>
   <translation>يشير {path} إلى مجلد مستخدم غير معروف هنا.</translation>
  </message>
  <message>
   <source>{path} was written by a newer version of Paragone (schema {schema}).</source>
   <translation>كتب ‎{path}‎ إصدارٌ أحدث من البرنامج (المخطط {schema}).</translation>
  </message>
  <message>
   <source>{path} was written by an older version of Paragone and must be converted before it can be read.</source>
   <translation>الملف ‎{path}‎ من إصدار أقدم ويجب تحويله كي يُقرأ.</translation>
  </message>
  <message>
   <source>{path}, {number} conversations with {models} models</source>
   <translation>‏‎{path}‎، عدد المحادثات {number} وعدد النماذج {models}‏</translation>
  </message>
  <message>
   <source>{percent} agreement on average</source>
   <translation>اتفاق بنسبة {percent} في المتوسط</translation>
  </message>
  <message>
   <source>{percent}%</source>
   <translation>{percent}%</translation>
  </message>
  <message>
   <source>{percent}% cheaper</source>
   <translation>أرخص بنسبة {percent}%</translation>
  </message>
  <message>
   <source>{percent}% dearer</source>
   <translation>أغلى بنسبة {percent}%</translation>
  </message>
  <message>
   <source>{percent}% of the words are the same as in {name}</source>
   <translation>{percent}٪ من الكلمات هي كلمات {name}</translation>
  </message>
  <message>
   <source>{percent}% of words are the same</source>
   <translation>‏{percent}% من الكلمات متطابقة</translation>
  </message>
  <message>
   <source>{place} is not writable ({reason}).</source>
   <translation>لا يمكن الكتابة في ‎{place}‎ ({reason}).</translation>
  </message>
  <message>
   <source>{place} responds ({ms} ms)</source>
   <translation>يجيب ‎{place}‎ ({ms} م.ث)</translation>
  </message>
  <message>
   <source>{place}, only for {origin}</source>
   <translation>‏‎{place}‎، لـ {origin} وحده</translation>
  </message>
  <message>
   <source>{place}/{number}</source>
   <translation>{place}/{number}</translation>
  </message>
  <message>
   <source>{points} points</source>
   <translation>{points} نقطة</translation>
  </message>
  <message>
   <source>{points} points ({low} to {high})</source>
   <translation>{points} نقطة ({low} إلى {high})</translation>
  </message>
  <message>
   <source>{port} is not a valid port.</source>
   <translation>‏{port} ليس منفذًا.</translation>
  </message>
  <message>
   <source>{problem} Conversations cannot be encrypted without a keyring.</source>
   <translation>‏{problem} من دون حلقة مفاتيح لا يمكن تشفير المحادثات.</translation>
  </message>
  <message>
   <source>{problem} Defaults are used, and settings cannot be changed.</source>
   <translation>{problem} تُستخدم القيم المبدئية، ولا يمكن ضبط شيء.</translation>
  </message>
  <message>
   <source>{problem} Secrets are kept only until Paragone quits.</source>
   <translation>{problem} لا تُحفظ الأسرار إلا حتى إنهاء Paragone.</translation>
  </message>
  <message>
   <source>{problem} The change was not saved.</source>
   <translation>‏{problem} لم يُحفظ.</translation>
  </message>
  <message>
   <source>{problem} The preset stays in {file}.</source>
   <translation>‏{problem} يبقى في ‎{file}‎.</translation>
  </message>
  <message>
   <source>{problem} Until a keyring is available, keys are kept only until Paragone quits.</source>
   <translation>‏{problem} وحتى ذلك الحين يُحتفظ بالمفتاح لهذا التشغيل فقط.</translation>
  </message>
  <message>
   <source>{prompt} (edited after the vote)</source>
   <translation>{prompt} (عُدّل موجّهه منذ ذلك الحين)</translation>
  </message>
  <message>
   <source>{prompt} (with {files})</source>
   <translation>{prompt} (مع {files})</translation>
  </message>
  <message>
   <source>{proxy} forwards the connection</source>
   <translation>يمرّر ‎{proxy}‎ الاتصال</translation>
  </message>
  <message>
   <source>{reason} ({count})</source>
   <translation>‏{reason} ({count})‏</translation>
  </message>
  <message numerus="yes">
   <source>{reason}: {n} conversations</source>
   <translation>
    <numerusform>‏{reason}: {n} محادثة</numerusform>
    <numerusform>‏{reason}: {n} محادثة</numerusform>
    <numerusform>‏{reason}: {n} محادثتان</numerusform>
    <numerusform>‏{reason}: {n} محادثات</numerusform>
    <numerusform>‏{reason}: {n} محادثة</numerusform>
    <numerusform>‏{reason}: {n} محادثة</numerusform>
   </translation>
  </message>
  <message>
   <source>{retired}, successor {model}</source>
   <translation>‏{retired}، والبديل ‎{model}‎‏</translation>
  </message>
  <message>
   <source>{rule}. {meaning}</source>
   <translation>‏{rule}. {meaning}‏</translation>
  </message>
  <message>
   <source>{said} The newest backup is {backup}.</source>
   <translation>{said} أحدث نسخة احتياطية هي {backup}.</translation>
  </message>
  <message>
   <source>{said} There is not enough space to recover the readable part. Free some disk space, then start Paragone again.</source>
   <translation>{said} لا توجد مساحة لنقل ما يمكن قراءته منها: حرِّر بعض المساحة، ثم شغِّل Paragone من جديد.</translation>
  </message>
  <message>
   <source>{score} ({low}–{high})</source>
   <translation>{score} ({low}–{high})</translation>
  </message>
  <message>
   <source>{score} ({low}–{high}), rank {rank}</source>
   <translation>{score} ({low}–{high})، الرتبة {rank}</translation>
  </message>
  <message>
   <source>{score}% ({low}–{high})</source>
   <translation>{score} % ({low}–{high})</translation>
  </message>
  <message>
   <source>{seconds} s</source>
   <translation>‏{seconds} ث</translation>
  </message>
  <message>
   <source>{sentence} Details are in {folder}.</source>
   <translation>‏{sentence} التفاصيل في ‎{folder}‎.</translation>
  </message>
  <message>
   <source>{sentence}.</source>
   <translation>{sentence}.</translation>
  </message>
  <message>
   <source>{server} asks a question.</source>
   <translation>يطرح {server} سؤالًا.</translation>
  </message>
  <message>
   <source>{server} asks:</source>
   <translation>يسأل {server}:</translation>
  </message>
  <message>
   <source>{server} requires a sign-in.</source>
   <translation>يطلب {server} تسجيل الدخول.</translation>
  </message>
  <message>
   <source>{signal}: {n}</source>
   <translation>{signal}: {n}</translation>
  </message>
  <message>
   <source>{sign}{time}</source>
   <translation>{sign}{time}</translation>
  </message>
  <message>
   <source>{size} free on this disk.</source>
   <translation>‏{size} خالية على هذا القرص.</translation>
  </message>
  <message>
   <source>{size}, unreadable</source>
   <translation>‏{size}، لا يمكن قراءتها</translation>
  </message>
  <message>
   <source>{some} of {n} models made {calls}</source>
   <translation>أجرت {some} من {n} نماذج {calls}</translation>
  </message>
  <message>
   <source>{speed} tok/s</source>
   <translation>{speed} رمز في الثانية</translation>
  </message>
  <message>
   <source>{speed} tokens per second</source>
   <translation>‏{speed} رمزًا في الثانية</translation>
  </message>
  <message>
   <source>{spent} USD of this month's budget of {budget} USD has been spent.</source>
   <translation>أُنفق {spent} دولار من ميزانية هذا الشهر البالغة {budget} دولار.</translation>
  </message>
  <message>
   <source>{spent} of {cap}</source>
   <translation>{spent} من {cap}</translation>
  </message>
  <message>
   <source>{spent}, excluding unknown prices</source>
   <translation>{spent}، دون أسعار غير معروفة</translation>
  </message>
  <message>
   <source>{status}: {problem}</source>
   <translation>{status}: {problem}</translation>
  </message>
  <message>
   <source>{subject}, issued by {issuer}, valid until {until}</source>
   <translation>‏{subject} من {issuer} حتى {until}‏</translation>
  </message>
  <message>
   <source>{successor} is better than {incumbent} on your work.</source>
   <translation>النموذج {successor} أفضل من {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>{successor} is not worse than {incumbent} on your work.</source>
   <translation>النموذج {successor} ليس أسوأ من {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>{successor} is worse than {incumbent} on your work.</source>
   <translation>النموذج {successor} أسوأ من {incumbent} في عملك.</translation>
  </message>
  <message>
   <source>{successor} wins more comparisons than it loses (95% confidence).</source>
   <translation>يفوز {successor} في مقارنات أكثر مما يخسر (بثقة 95%).</translation>
  </message>
  <message>
   <source>{s} s</source>
   <translation>‏{s} ث</translation>
  </message>
  <message>
   <source>{tag} (exploratory)</source>
   <translation>{tag} (استكشافي)</translation>
  </message>
  <message>
   <source>{target} is not an empty folder.</source>
   <translation>‏‎{target}‎ ليس مجلدًا فارغًا.</translation>
  </message>
  <message>
   <source>{target} is the current location, or one folder is inside the other.</source>
   <translation>‏‎{target}‎ هو المكان الحالي، أو أن أحدهما داخل الآخر.</translation>
  </message>
  <message>
   <source>{text} by {percent}%</source>
   <translation>‏{text} بنسبة {percent}%‏</translation>
  </message>
  <message>
   <source>{text} is not a valid IP address.</source>
   <translation>‏{text} ليس عنوان جهاز.</translation>
  </message>
  <message>
   <source>{text} is not a valid host name.</source>
   <translation>‏{text} ليس اسم مضيف.</translation>
  </message>
  <message>
   <source>{time} faster to the first token</source>
   <translation>أسرع بمقدار {time} حتى أول رمز</translation>
  </message>
  <message>
   <source>{time} slower to the first token</source>
   <translation>أبطأ بمقدار {time} حتى أول رمز</translation>
  </message>
  <message>
   <source>{titles}, …</source>
   <translation>‏{titles}، …</translation>
  </message>
  <message>
   <source>{title} (branch {n} of {count})</source>
   <translation>{title} (الفرع {n} من {count})</translation>
  </message>
  <message>
   <source>{title}: {text}</source>
   <translation>‏{title}: {text}‏</translation>
  </message>
  <message>
   <source>{tokens} context</source>
   <translation>سياق {tokens}‏</translation>
  </message>
  <message>
   <source>{tools}. {logged}</source>
   <translation>{tools}. {logged}</translation>
  </message>
  <message>
   <source>{turns} from {conversations}, sampled evenly.</source>
   <translation>{turns} من {conversations}، بعينة متوازنة.</translation>
  </message>
  <message>
   <source>{usd} from {first} to {last}.</source>
   <translation>‏{usd} من {first} إلى {last}.</translation>
  </message>
  <message>
   <source>{usd} in total</source>
   <translation>‏المجموع {usd}</translation>
  </message>
  <message>
   <source>{usd} in total; budget {budget} per month</source>
   <translation>‏المجموع {usd}؛ الميزانية {budget} في الشهر</translation>
  </message>
  <message>
   <source>{value} GB</source>
   <translation>‏{value} غ.ب</translation>
  </message>
  <message>
   <source>{value} MB</source>
   <translation>‏{value} ميغابايت</translation>
  </message>
  <message>
   <source>{value} billion parameters</source>
   <translation>‏{value} مليار معامل</translation>
  </message>
  <message>
   <source>{value} million parameters</source>
   <translation>‏{value} مليون معامل</translation>
  </message>
  <message>
   <source>{variable} replaces the key.</source>
   <translation>مكان المفتاح مكتوب {variable}.</translation>
  </message>
  <message>
   <source>{verdict} (indicative)</source>
   <translation>{verdict} (إشارة فقط)</translation>
  </message>
  <message>
   <source>{version}: {chain}</source>
   <translation>‏{version}: {chain}‏</translation>
  </message>
  <message>
   <source>{votes} to import</source>
   <translation>{votes} للاستيراد</translation>
  </message>
  <message>
   <source>{votes} votes on {prompts} prompts</source>
   <translation>{votes} صوتًا على {prompts} موجّهًا</translation>
  </message>
  <message>
   <source>{what} {hint}</source>
   <translation>‏{what} {hint}‏</translation>
  </message>
  <message>
   <source>{what}, over the limit of {most}.</source>
   <translation>{what}، أكثر من {most}.</translation>
  </message>
  <message>
   <source>{what}, within the limit of {most}.</source>
   <translation>{what}، ضمن {most}.</translation>
  </message>
  <message>
   <source>{what}, {files}</source>
   <translation>{what}، {files}</translation>
  </message>
  <message>
   <source>{what}; {lacking}</source>
   <translation>{what}؛ {lacking}</translation>
  </message>
  <message>
   <source>{when}: {vote} ({names}) – {prompt}</source>
   <translation>{when}: {vote} ({names}) – {prompt}</translation>
  </message>
  <message>
   <source>{who} is responding.</source>
   <translation>{who} يجيب الآن.</translation>
  </message>
  <message>
   <source>{why}, so the interval is one that is valid at any time (betting sequence).</source>
   <translation>{why}، لذلك يُستخدم مجال صالح في أي وقت (متتالية رهان).</translation>
  </message>
  <message>
   <source>{{expected}} or text</source>
   <translation>‏{{expected}} أو نص</translation>
  </message>
  <message numerus="yes">
   <source>~{n} tokens</source>
   <translation>
    <numerusform>نحو {n} رمز</numerusform>
    <numerusform>نحو رمز واحد</numerusform>
    <numerusform>نحو رمزين</numerusform>
    <numerusform>نحو {n} رموز</numerusform>
    <numerusform>نحو {n} رمزًا</numerusform>
    <numerusform>نحو {n} رمز</numerusform>
   </translation>
  </message>
  <message>
   <source>~{tokens} tokens; {model}'s context window is {window}</source>
   <translation>~{tokens} رمزًا: {model} يقرأ {window} دفعة واحدة</translation>
  </message>
  <message>
   <source>“*{name}” is undefined: there is no anchor &amp;{name} before it.</source>
   <translation>«*{name}» لا يدل على شيء: لا يوجد &amp;{name} فوقه.</translation>
  </message>
  <message>
   <source>“*{name}” refers to itself.</source>
   <translation>«*{name}» داخل نفسه.</translation>
  </message>
  <message>
   <source>“&lt;&lt;” is not supported. Write out the merged values instead.</source>
   <translation>لا يُقرأ «&lt;&lt;»: اكتب ما كان سيجلبه.</translation>
  </message>
  <message>
   <source>“Best of this turn” compares several responses: add a pane.</source>
   <translation>الأفضل في الدور واحدة من عدة إجابات: أضف لوحًا.</translation>
  </message>
  <message>
   <source>“Where is the station?” into Italian and Japanese</source>
   <translation>«أين المحطة؟» إلى الإيطالية واليابانية</translation>
  </message>
  <message>
   <source>“count” must be a number, or a table with min and max.</source>
   <translation>يجب أن يكون «count» رقمًا، أو جدولًا فيه min وmax.</translation>
  </message>
  <message>
   <source>“fields” can have at most {most} fields.</source>
   <translation>يمكن أن يكون في «fields» {most} حقلًا على الأكثر.</translation>
  </message>
  <message>
   <source>“judge” needs a rubric or a reference.</source>
   <translation>يحتاج «judge» إلى rubric أو reference.</translation>
  </message>
  <message>
   <source>“length” needs min or max.</source>
   <translation>يحتاج «length» إلى min أو max.</translation>
  </message>
  <message>
   <source>“mode” must be {modes}, not “{mode}”.</source>
   <translation>يجب أن يكون «mode» ‏{modes} لا «{mode}».</translation>
  </message>
  <message>
   <source>“order” must be the position of the call, starting at 1.</source>
   <translation>يجب أن يكون «order» موضع الاستدعاء بدءًا من 1.</translation>
  </message>
  <message>
   <source>“value” must be a table of fields, or one as JSON.</source>
   <translation>يجب أن يكون «value» جدول حقول، أو جدولًا بصيغة JSON.</translation>
  </message>
  <message>
   <source>“value” must be the name of a tool, or a table with tool, server, arguments, count and order.</source>
   <translation>يجب أن يكون «value» اسم أداة، أو جدولًا فيه tool وserver وarguments وcount وorder.</translation>
  </message>
  <message>
   <source>“{connection}” has no Batch API. Only Azure AI Foundry and OpenAI-compatible servers can provide one.</source>
   <translation>ليست لدى «{connection}» واجهة Batch API: هي لدى Azure AI Foundry والخوادم بصيغة OpenAI فقط.</translation>
  </message>
  <message>
   <source>“{connection}” no longer has a Batch API.</source>
   <translation>لم تعد لدى «{connection}» واجهة Batch API.</translation>
  </message>
  <message>
   <source>“{connection}” now points to another server, but {name} was sent to {origin}.</source>
   <translation>يقود «{connection}» الآن إلى خادم آخر: {name} أُرسل إلى {origin}.</translation>
  </message>
  <message>
   <source>“{connection}” requires a long wait before the next request: {message}</source>
   <translation>ينبغي ألا يُسأل «{connection}» لمدة طويلة: {message}</translation>
  </message>
  <message>
   <source>“{count}” is not a valid count: use a whole number of at least 1</source>
   <translation>«{count}» ليس عددًا: المطلوب عدد صحيح ابتداءً من 1</translation>
  </message>
  <message>
   <source>“{field}” must be between {least} and {most} seconds, or empty.</source>
   <translation>يقبل الحقل «{field}» ثواني من {least} إلى {most}، أو يُترك فارغًا.</translation>
  </message>
  <message>
   <source>“{item}” is not a valid value and is ignored</source>
   <translation>لا يصح «‎{item}‎» في هذا الموضع فتُرك</translation>
  </message>
  <message>
   <source>“{line}” does not have the form NAME: EXPRESSION.</source>
   <translation>لم يُكتب «‎{line}‎» على صورة flag NAME: EXPRESSION.</translation>
  </message>
  <message>
   <source>“{model}” is compared with itself</source>
   <translation>«{model}» يلقى نفسه</translation>
  </message>
  <message>
   <source>“{name}” does not match any connection: choose models when you run the suite.</source>
   <translation>«{name}» لا يذكر اتصالًا: اختر النماذج عند التشغيل.</translation>
  </message>
  <message>
   <source>“{name}” is imported only with a number, or with min and max.</source>
   <translation>يُؤخذ «{name}» مع عدد، أو مع min و max.</translation>
  </message>
  <message>
   <source>“{name}” is imported only with a single text value.</source>
   <translation>لا يُؤخذ «{name}» إلا مع نص واحد.</translation>
  </message>
  <message>
   <source>“{name}” is nested too deeply to be sent.</source>
   <translation>في «{name}» تداخل أكثر مما يمكن إرساله.</translation>
  </message>
  <message>
   <source>“{name}” is not a known field. Did you mean “{near}”?</source>
   <translation>«{name}» غير معروف هنا: هل المقصود «{near}»؟</translation>
  </message>
  <message>
   <source>“{name}” is not a known field. Known fields: {names}.</source>
   <translation>«{name}» غير معروف هنا؛ المعروف: {names}.</translation>
  </message>
  <message>
   <source>“{name}” is not a model that Paragone can use as a judge.</source>
   <translation>«{name}» ليس هنا نموذجًا يمكنه أن يحكم.</translation>
  </message>
  <message>
   <source>“{name}” is not a parameter that a preset can set.</source>
   <translation>‏«‎{name}‎» ليس معاملًا يمكن لإعداد مسبق ضبطه.</translation>
  </message>
  <message>
   <source>“{name}” is not a valid connection name.</source>
   <translation>لا يصلح «‎{name}‎» اسمًا لاتصال.</translation>
  </message>
  <message>
   <source>“{name}” is not a valid name for a header.</source>
   <translation>«{name}» ليس اسمًا صالحًا لترويسة.</translation>
  </message>
  <message>
   <source>“{name}” is not a valid name for a tool server.</source>
   <translation>«{name}» ليس اسمًا صالحًا لخادم أدوات.</translation>
  </message>
  <message>
   <source>“{name}” is not a valid variable name.</source>
   <translation>«{name}» ليس اسمًا يمكن أن يرد في قالب.</translation>
  </message>
  <message>
   <source>“{name}” is not among the contenders.</source>
   <translation>«{name}» ليس بين المتنافسين.</translation>
  </message>
  <message>
   <source>“{name}” is not an assertion type, so the whole cell is used as the expected text. Did you mean “{near}”?</source>
   <translation>«{name}» ليس نوعًا: الخلية كلها متوقعة. هل المقصود «{near}»؟</translation>
  </message>
  <message>
   <source>“{name}” is not in the suite's folder.</source>
   <translation>«{name}» ليس ملفًا بجانب السلسلة.</translation>
  </message>
  <message>
   <source>“{name}” is not the path of a field, such as items[0].name.</source>
   <translation>«{name}» ليس مسار حقل مثل ‎items[0].name‎.</translation>
  </message>
  <message>
   <source>“{name}” must be {wanted}, not {kind}.</source>
   <translation>«{name}» يأخذ {wanted}، وليس {kind}.</translation>
  </message>
  <message>
   <source>“{name}” was added.</source>
   <translation>أُضيف «{name}».</translation>
  </message>
  <message>
   <source>“{name}” was already defined on line {line}.</source>
   <translation>ورد «{name}» من قبل، في السطر {line}.</translation>
  </message>
  <message>
   <source>“{name}” was not imported.</source>
   <translation>يُترك «{name}».</translation>
  </message>
  <message>
   <source>“{name}” was not imported: Paragone has no equivalent.</source>
   <translation>لا يُؤخذ «{name}»: لا مثيل له هنا.</translation>
  </message>
  <message>
   <source>“{part}” is not ROLE=COLUMN with one of these roles: {roles}.</source>
   <translation>«{part}» ليس بصيغة ROLE=COLUMN بأحد هذه الأدوار: {roles}.</translation>
  </message>
  <message>
   <source>“{prompt}” was discarded.</source>
   <translation>أُسقط «{prompt}».</translation>
  </message>
  <message>
   <source>“{prompt}” was restored.</source>
   <translation>عاد «{prompt}».</translation>
  </message>
  <message>
   <source>“{text}”</source>
   <translation>“{text}”</translation>
  </message>
  <message>
   <source>“{text}” is not a valid model name.</source>
   <translation>‏«{text}» ليس نموذجًا.</translation>
  </message>
  <message>
   <source>“{text}” is not a valid parameter.</source>
   <translation>‏«{text}» ليس معاملًا.</translation>
  </message>
  <message>
   <source>“{text}” is not a valid tenant.</source>
   <translation>«{text}» ليس مستأجرًا.</translation>
  </message>
  <message>
   <source>“{text}” is not supported: templates can contain only variables, such as {example}. Put literal text in a variable.</source>
   <translation>لا يُقرأ «{text}»: القالب يذكر المتغيرات فقط، كما في {example}. وما يُقصد كما هو يوضع في متغير.</translation>
  </message>
  <message>
   <source>“{text}” was not imported: it refers to code or a file.</source>
   <translation>لا يُؤخذ «{text}»: إنه شيفرة أو ملف.</translation>
  </message>
  <message>
   <source>“{text}” was not imported: templates can contain only variables.</source>
   <translation>لا يُؤخذ «{text}»: القالب يذكر المتغيرات فقط.</translation>
  </message>
  <message>
   <source>“{title}”</source>
   <translation>«{title}»</translation>
  </message>
  <message>
   <source>“{title}” is in the archive.</source>
   <translation>‏«{title}» في الأرشيف.</translation>
  </message>
  <message>
   <source>“{title}” is in the trash.</source>
   <translation>‏«{title}» في سلة المهملات.</translation>
  </message>
  <message>
   <source>“{title}” is in the trash. To open it, restore it first.</source>
   <translation>«{title}» في سلة المهملات. استعدها لفتحها.</translation>
  </message>
  <message>
   <source>“{title}” replaced your own system prompt.</source>
   <translation>حلّ «{title}» محل موجّه نظام كتبته.</translation>
  </message>
  <message>
   <source>“{title}” was removed.</source>
   <translation>أُزيل «{title}».</translation>
  </message>
  <message>
   <source>“{title}” was saved.</source>
   <translation>حُفظ «{title}».</translation>
  </message>
  <message>
   <source>“{type}” cannot be negated.</source>
   <translation>لا يمكن نفي «{type}».</translation>
  </message>
  <message>
   <source>“{type}” does not take a threshold.</source>
   <translation>ليس لـ «{type}» عتبة.</translation>
  </message>
  <message>
   <source>“{type}” does not take a value.</source>
   <translation>لا يأخذ «{type}» قيمة.</translation>
  </message>
  <message>
   <source>“{type}” needs a threshold.</source>
   <translation>يحتاج «{type}» إلى عتبة.</translation>
  </message>
  <message>
   <source>“{type}” needs a value.</source>
   <translation>يحتاج «{type}» إلى قيمة.</translation>
  </message>
  <message>
   <source>“{url}” is not a valid address.</source>
   <translation>«{url}» ليس عنوانًا صالحًا.</translation>
  </message>
  <message>
   <source>“{winner}” is not a valid winner</source>
   <translation>«{winner}» ليس فائزًا</translation>
  </message>
  <message>
   <source>“{word}”</source>
   <translation>«{word}»</translation>
  </message>
  <message>
   <source>“{word}” is misspelled</source>
   <translation>الكلمة «{word}» بها خطأ إملائي</translation>
  </message>
  <message numerus="yes">
   <source>“{word}” is misspelled, {n} suggestions</source>
   <translation>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، لا اقتراحات</numerusform>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، اقتراح واحد</numerusform>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، اقتراحان</numerusform>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، {n} اقتراحات</numerusform>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، {n} اقتراحًا</numerusform>
    <numerusform>الكلمة «{word}» بها خطأ إملائي، {n} اقتراح</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>… and {n} more characters</source>
   <translation>
    <numerusform>… ولا أحرف أخرى</numerusform>
    <numerusform>… وحرف واحد آخر</numerusform>
    <numerusform>… وحرفان آخران</numerusform>
    <numerusform>… و{n} أحرف أخرى</numerusform>
    <numerusform>… و{n} حرفًا آخر</numerusform>
    <numerusform>… و{n} حرف آخر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>… and {n} more files</source>
   <translation>
    <numerusform>… و{n} ملف آخر</numerusform>
    <numerusform>… وملف واحد آخر</numerusform>
    <numerusform>… وملفان آخران</numerusform>
    <numerusform>… و{n} ملفات أخرى</numerusform>
    <numerusform>… و{n} ملفًا آخر</numerusform>
    <numerusform>… و{n} ملف آخر</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>… and {n} more notes</source>
   <translation>
    <numerusform>… ولا ملاحظات أخرى</numerusform>
    <numerusform>… وملاحظة أخرى</numerusform>
    <numerusform>… وملاحظتان أخريان</numerusform>
    <numerusform>… و{n} ملاحظات أخرى</numerusform>
    <numerusform>… و{n} ملاحظة أخرى</numerusform>
    <numerusform>… و{n} ملاحظة أخرى</numerusform>
   </translation>
  </message>
 </context>
</TS>
