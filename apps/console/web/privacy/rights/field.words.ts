import { defineWords } from '../../kit/words.js';

export const useFieldWords = defineWords(
  'privacy-fields',
  {
    'identity/name': 'My name',
    'identity/birth_date': 'My date of birth',
    'contact/phone': 'My telephone number',
    'contact/email': 'My e-mail address',
    'address/street': 'My street and house number',
    'address/city': 'My town or province',
    'address/postcode': 'My postcode',
    else: 'Something else',
  },
  {
    'identity/name': 'ชื่อของฉัน',
    'identity/birth_date': 'วันเกิดของฉัน',
    'contact/phone': 'หมายเลขโทรศัพท์ของฉัน',
    'contact/email': 'อีเมลของฉัน',
    'address/street': 'บ้านเลขที่และถนน',
    'address/city': 'อำเภอหรือจังหวัด',
    'address/postcode': 'รหัสไปรษณีย์',
    else: 'อย่างอื่น',
  },
);
